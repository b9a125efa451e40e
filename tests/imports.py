"""What every module of the package imports, read from its source without running it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"


@cache
def modules(package: str = "repartee") -> list[str]:
    """The dotted names of all modules in this package and below."""
    files = sorted((SOURCE / package.replace(".", "/")).rglob("*.py"))
    names = [file.relative_to(SOURCE).with_suffix("").as_posix() for file in files]
    return [name.removesuffix("/__init__").replace("/", ".") for name in names]


def imports_of(module: str) -> set[str]:
    """Dotted names of modules, wherever in the file they are imported."""
    found: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively; write the whole name"
            assert node.module is not None
            found |= {_imported(node.module, alias.name) for alias in node.names}
    return found


def _imported(source: str, name: str) -> str:
    """`from package import module` imports that module; anything else, the module itself."""
    return f"{source}.{name}" if f"{source}.{name}" in modules() else source


def tree_of(module: str) -> ast.Module:
    path = SOURCE / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text())
