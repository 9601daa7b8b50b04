"""Nothing goes past a package's face: who stands outside imports what its `__init__` exports.

A package inside another has a face of its own once the outer one's documentation names it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.test_docs import PARTS, ROOT


def product_modules(root: Path) -> dict[str, ast.Module]:
    """Return the modules of the product by name, parsed; a package is its `__init__`."""
    files = [file for part in PARTS for file in (root / part).rglob("*.py")]
    return {module_name(file.relative_to(root)): ast.parse(file.read_text(), str(file)) for file in files}


def module_name(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each module that is imported from, and the name taken; those inside functions, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def exports(tree: ast.Module) -> set[str]:
    """Return what stands in a face's `__all__`."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def past_faces(modules: dict[str, ast.Module]) -> list[str]:
    """Return each import that goes past a package's face, as `importer: what is imported`."""
    packages = {name.rpartition(".")[0] for name in modules} & modules.keys()

    def faces_above(name: str) -> Iterator[str]:
        parts = name.split(".")
        return (".".join(parts[:count]) for count in range(1, len(parts)))

    def is_reachable(importer: str, home: str, name: str) -> bool:
        for face in faces_above(home):
            inside = importer == face or importer.startswith(f"{face}.")
            documentation = ast.get_docstring(modules[face]) or ""
            inner = next((each for each in [*faces_above(home), home] if each.rpartition(".")[0] == face), "")
            if not inside and not (inner in packages and f"`{inner}`" in documentation):
                return False
        inside = importer == home or importer.startswith(f"{home}.")
        return inside or home not in packages or not name or name in exports(modules[home])

    return sorted(
        f"{importer}: {home}.{name}".rstrip(".")
        for importer, tree in modules.items()
        for home, name in imports(tree)
        if home in modules
        # A name may be a module, which no face need export to those inside.
        and not is_reachable(importer, home, name)
        and not (f"{home}.{name}" in packages and is_reachable(importer, f"{home}.{name}", ""))
    )


def test_nothing_goes_past_a_face() -> None:
    assert past_faces(product_modules(ROOT)) == []


def test_faces_have_what_they_export() -> None:
    for name, tree in product_modules(ROOT).items():
        face = import_module(name) if exports(tree) else None
        assert [each for each in exports(tree) if not hasattr(face, each)] == [], name


SHOP = """
'`shop.till` takes the money.'
from shop.shelf import Shelf
__all__ = ['Shelf']
"""


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("from shop import Shelf", True),
        ("from shop.till import pay", True),
        ("from shop import till", True),
        ("from shop.shelf import Shelf", False),
        ("import shop.shelf", False),
        ("from shop import shelf", False),
        ("from shop.till import count", False),
        ("from shop.till.coins import count", False),
        ("from shop.stock import Box", False),
        ("def buy():\n    from shop.shelf import Shelf", False),
    ],
)
def test_what_goes_past_a_face(statement: str, allowed: bool) -> None:
    sources = {
        "shop": SHOP,
        "shop.shelf": "from shop.stock import Box",
        "shop.till": "from shop.till.coins import count\nfrom shop.shelf import Shelf\n__all__ = ['pay']",
        "shop.till.coins": "",
        "shop.stock": "__all__ = ['Box']",
        "shop.stock.boxes": "",
        "street": statement,
    }
    found = past_faces({name: ast.parse(source) for name, source in sources.items()})
    assert (found == []) is allowed
