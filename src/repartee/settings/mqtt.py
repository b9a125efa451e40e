"""The bridge to MQTT."""

from __future__ import annotations

from pydantic import Field, SecretStr

from repartee.settings.section import Section


class MqttSettings(Section):
    """Devices that speak through an MQTT broker: `repartee mqtt`. See mqtt.md."""

    mqtt_broker: str = Field(
        default="mqtt://localhost:1883",
        min_length=1,
        max_length=1_000,
        repr=False,
        description="The broker: mqtt://host:port, or mqtts://… for one that is encrypted. A name "
        "and a password may stand in it, as in mqtts://name:password@host.",
    )
    mqtt_username: str | None = Field(
        default=None, max_length=200, description="The name by which the broker knows us."
    )
    mqtt_password: SecretStr | None = Field(
        default=None, max_length=1_000, description="The password to that name."
    )
    mqtt_ca_file: str | None = Field(
        default=None,
        max_length=1_000,
        description="The certificate of the authority that signed the broker's, for one that this "
        "system does not trust by itself.",
    )
    mqtt_cert_file: str | None = Field(
        default=None,
        max_length=1_000,
        description="Our own certificate, where the broker asks for one.",
    )
    mqtt_key_file: str | None = Field(
        default=None, max_length=1_000, description="The key to that certificate."
    )
    mqtt_allow_strangers: bool = Field(
        default=False,
        description="true: whoever speaks through the broker may, even where it is on another "
        "machine and nothing is set by which it could know who we are.",
    )
    mqtt_listen_seconds: float = Field(
        default=10,
        ge=0.5,
        le=120,
        description="How long a device that listens waits for the first word.",
    )
    mqtt_idle_seconds: float = Field(
        default=600,
        ge=1,
        le=86_400,
        description="A device that is silent for so long is forgotten, with what was said.",
    )
