"""The voices of Deepgram's Aura, the first of each kind being the one most like its fellows.

An Aura voice is a model of its own. New ones are added now and then, so a name that is made like
theirs is taken at its word; Deepgram refuses it if there is none.
"""

from __future__ import annotations

import re

from repartee.engines.protocols import Voice
from repartee.engines.tts.voices import resolve_among
from repartee.errors import UnknownVoice

_AURA = """
    en-us female  asteria luna stella hera
    en-us male    orion arcas perseus orpheus zeus
    en-gb female  athena
    en-gb male    helios
    en-ie male    angus
"""
_AURA_2 = """
    en-us female  thalia andromeda helena asteria athena aurora callista cora cordelia delia
    en-us female  electra harmonia hera iris janus juno luna minerva ophelia phoebe selene vesta
    en-us male    apollo arcas aries atlas hermes jupiter mars neptune odysseus orion orpheus
    en-us male    pluto saturn zeus
    en-gb female  pandora
    en-gb male    draco
    en-au female  theia
    en-au male    hyperion
    en-ph female  amalthea
    es-es female  carina diana
    es-es male    nestor alvaro
    es-mx female  estrella
    es-mx male    sirio javier
    es-co female  celeste
    es-419 female selena
    es-419 male   aquila
"""
_NAME = re.compile(r"aura(-\d+)?-[a-z]{2,30}-([a-z]{2})")


def _voices(model: str, table: str) -> list[Voice]:
    voices = []
    for row in table.split("\n"):
        match row.split():
            case [language, "female" | "male" as gender, *names]:
                made_for = language.partition("-")[0]
                voices += [Voice(f"{model}-{n}-{made_for}", language, gender) for n in names]
    return voices


AURA_VOICES = (*_voices("aura", _AURA), *_voices("aura-2", _AURA_2))


def aura_voice(name: str, language: str) -> Voice:
    try:
        return resolve_among(AURA_VOICES, name, language)
    except UnknownVoice:
        made = _NAME.fullmatch(name.strip().lower())
        if made is None:
            raise
        return Voice(made[0], made[2], "neutral")
