"""The page that people meet: the built application where it was built, and the plain one always."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

_HERE = Path(str(files("repartee.server")))
PLAIN = _HERE / "page"
"""A few files that need no build: what is served where there was no Node to build the other."""
BUILT = _HERE / "web"


_AT_THE_ROOT = {f"/{file.name}": file for file in BUILT.glob("*") if file.is_file()}


def is_built() -> bool:
    return "/index.html" in _AT_THE_ROOT


def is_part_of_a_page(path: str) -> bool:
    if path in ("/", "/docs") or path in _AT_THE_ROOT:
        return True
    return path.startswith(("/page/", "/assets/", "/docs/"))


def install(app: FastAPI) -> None:
    app.mount("/page", StaticFiles(directory=PLAIN, html=True), name="page")
    if not is_built():
        _serve_file(app, "/", PLAIN / "index.html")
        return
    app.mount("/assets", StaticFiles(directory=BUILT / "assets"), name="assets")
    _serve_file(app, "/", BUILT / "index.html")
    for path, file in _AT_THE_ROOT.items():
        _serve_file(app, path, file)


def _serve_file(app: FastAPI, path: str, file: Path) -> None:
    async def serve() -> FileResponse:
        return FileResponse(file)

    app.add_api_route(path, serve, methods=["GET", "HEAD"], include_in_schema=False)
