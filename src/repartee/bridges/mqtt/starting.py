"""What is looked at before the bridge connects: whoever the broker lets in may speak with us."""

from __future__ import annotations

import logging

from repartee.bridges.mqtt.address import BrokerAddress
from repartee.errors import SettingsError

log = logging.getLogger(__name__)


def check_who_may_come(address: BrokerAddress, allow_strangers: bool) -> None:
    """A broker that others can reach, and that asks not even us who we are, asks nobody."""
    if address.is_here or address.introduces_us or allow_strangers:
        return
    raise SettingsError(
        f"The MQTT broker {address.name} is not on this machine, and nothing is set by which it "
        "could know who we are, so anybody there might speak with us.",
        hint="Have it ask for names and passwords and set MQTT_USERNAME and MQTT_PASSWORD (or, with"
        " mqtts://, MQTT_CERT_FILE and MQTT_KEY_FILE), or let everybody in with "
        "MQTT_ALLOW_STRANGERS=true.",
    )


def warn_of_listeners(address: BrokerAddress) -> None:
    if address.is_here or address.encrypted:
        return
    what = "our password and all that is said" if address.password else "all that is said"
    log.warning(
        "Nothing is encrypted on the way to %s, so others may read %s there; mqtts:// hides it.",
        address.name,
        what,
    )
