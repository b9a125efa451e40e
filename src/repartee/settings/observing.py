"""What operators see of the server beside its log."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section
from repartee.settings.values import Secret, WebAddress


class ObservingSettings(Section):
    """What operators see beside the log: figures and traces. See operate.md."""

    metrics: bool = Field(default=True, description="Figures for Prometheus at /metrics.")
    metrics_token: Secret | None = Field(
        default=None,
        description="Whoever reads /metrics shows this as `Authorization: Bearer TOKEN`; it opens "
        "nothing else. Without it /metrics asks for keys where everything does.",
    )
    otel_exporter_otlp_endpoint: WebAddress | None = Field(
        default=None,
        description="Where traces of turns are sent, by OTLP over HTTP. It takes the extra "
        "repartee-voice[otel]; the other OTEL_* variables are read from the environment.",
    )
    otel_service_name: str = Field(
        default="repartee", max_length=200, description="The name of this server in traces."
    )
