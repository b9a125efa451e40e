"""`python -m repartee`: the same as the command `repartee`."""

from repartee.cli.main import app

app()
