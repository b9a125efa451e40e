"""Devices that speak through an MQTT broker: the topics of Hermes, and a few of our own.

`docs/mqtt.md` describes them for those who build devices.
"""
