"""Under which name Repartee is installed, and the commands that bring what it lacks.

On the public package index the name `repartee` belongs to another program. So the distribution has
a name of its own, and no command that is shown here can bring that program by mistake.
"""

DISTRIBUTION = "repartee-voice"


def version() -> str:
    from importlib import metadata  # it takes longer to import than all that is here

    return metadata.version(DISTRIBUTION)


def extra(name: str) -> str:
    """As pip takes it."""
    return f"{DISTRIBUTION}[{name}]"


def command(what: str) -> str:
    return f"pip install '{what}'"
