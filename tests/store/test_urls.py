"""DATABASE_URL, as people write it."""

from pathlib import Path

import pytest

from repartee.errors import SettingsError
from repartee.store.urls import Place, Postgres, SqliteFile, SqliteMemory, read_url

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///./repartee.db", SqliteFile(Path("repartee.db"))),
        ("sqlite:///repartee.db", SqliteFile(Path("repartee.db"))),
        ("sqlite:////var/lib/repartee/x.db", SqliteFile(Path("/var/lib/repartee/x.db"))),
        ("sqlite+aiosqlite:///x.db", SqliteFile(Path("x.db"))),
        ("  SQLite:///x y.db ", SqliteFile(Path("x y.db"))),
        ("sqlite:///~/x.db", SqliteFile(Path.home() / "x.db")),
        ("sqlite:///C:/data/x.db", SqliteFile(Path("C:/data/x.db"))),
        ("sqlite:///:memory:", SqliteMemory()),
        ("sqlite://:memory:", SqliteMemory()),
        ("postgresql://user:pw@host/db", Postgres("postgresql://user:pw@host/db")),
        ("postgres://host", Postgres("postgresql://host")),
        ("postgresql+psycopg2://host:5433/db", Postgres("postgresql://host:5433/db")),
        (
            "postgresql+asyncpg://u@h/db?sslmode=require",
            Postgres("postgresql://u@h/db?sslmode=require"),
        ),
        (
            "postgres://u:p%40ss@h/db?sslmode=require&channel_binding=require&connect_timeout=10",
            Postgres("postgresql://u:p%40ss@h/db?sslmode=require"),
        ),
        ("postgres://a:1,b:2/db", Postgres("postgresql://a:1,b:2/db")),
    ],
)
def test_it_is_understood(url: str, place: Place) -> None:
    assert read_url(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "",
        "repartee.db",
        "postgresql",
        f"mysql://user:{SECRET}@host/db",
        f"user:{SECRET}@host/db",
        "sqlite://repartee.db",
        "sqlite:///",
        "sqlite:///folder/",
        "sqlite:///x.db?mode=ro",
        f"postgresql://user:{SECRET}[@host/db",
        f"postgresql://user:{SECRET}@host:port/db",
        f"postgresql://user:{SECRET}#1@host/db",
        f"postgresql://user@host/db?{SECRET}",
    ],
)
def test_what_is_not_is_said_without_showing_it(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as wrong:
        read_url(url)
    assert SECRET not in str(wrong.value)
    assert wrong.value.hint
