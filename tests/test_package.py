"""`import repartee`: a few names, each loaded when it is first used."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import repartee


def test_every_public_name_is_there() -> None:
    for name in repartee.__all__:
        assert getattr(repartee, name)
    assert set(repartee.__all__) <= set(dir(repartee))


def test_the_version_is_the_package_s() -> None:
    assert repartee.__version__ == version("repartee-voice")


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Helper'"):
        _ = repartee.Helper


def test_importing_it_costs_nothing() -> None:
    heavy = "{'numpy', 'msgspec', 'pydantic', 'asyncio', 'importlib.metadata'}"
    program = f"import sys, repartee; print({heavy} & sys.modules.keys() or 'nothing')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "nothing\n"
