"""Suites of tests in which one test leaves something behind that breaks another, at places that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TESTS_IN_A_FILE = 8

CONFIGURATION = """
[pytest]
addopts = -p no:cacheprovider
"""

SHOP = """
import functools

TILL = {}

class Basket:
    size = 3

@functools.lru_cache
def price(name):
    return RATES[name]

RATES = {"coat": 10}

def greet():
    return "Good morning"
"""

FIXTURES = """
import sqlite3
import pytest

@pytest.fixture(scope="session")
def shelf():
    return []

@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")

@pytest.fixture(scope="session")
def database(folder):
    connection = sqlite3.connect(folder / "shop.db")
    connection.execute("CREATE TABLE orders (name TEXT)")
    yield connection
    connection.close()
"""

HEAD = """
import logging, os, random, sys
from pathlib import Path
import shop
"""


@dataclass(frozen=True)
class Pollution:
    """What is left behind, and how it shows: bodies of tests, and the fixture that both ask for."""

    leaves: str
    expects: str
    fixture: str = ""


KINDS: Mapping[str, Pollution] = {
    "fixture": Pollution("shelf.append('coat')", "assert shelf == []", "shelf"),
    "module state": Pollution("shop.TILL['coins'] = 3", "assert shop.TILL == {}"),
    "database": Pollution(
        "database.execute(\"INSERT INTO orders VALUES ('coat')\")",
        "assert database.execute('SELECT count(*) FROM orders').fetchone() == (0,)",
        "database",
    ),
    "cache": Pollution(
        "shop.RATES['hat'] = 2; shop.price('hat'); del shop.RATES['hat']",
        "shop.RATES['hat'] = 5; found = shop.price('hat'); del shop.RATES['hat']; assert found == 5",
    ),
    "environment": Pollution("os.environ['SHOP'] = 'closed'", "assert os.environ.get('SHOP') is None"),
    "class attribute": Pollution("shop.Basket.size = 1", "assert shop.Basket.size == 3"),
    "patched function": Pollution(
        "shop.greet = lambda: 'Good night'", "assert shop.greet() == 'Good morning'"
    ),
    "working directory": Pollution("os.chdir(folder)", "assert Path('shop.py').exists()", "folder"),
    "file": Pollution(
        "(folder / 'receipt').write_text('10')", "assert not (folder / 'receipt').exists()", "folder"
    ),
    "logging": Pollution("logging.disable(logging.ERROR)", "assert logging.getLogger('s').isEnabledFor(30)"),
}


def names_of(size: int) -> list[str]:
    """Return the ids of a suite's tests, as pytest has them."""
    return [f"test_{at // TESTS_IN_A_FILE:02}.py::test_{at % TESTS_IN_A_FILE}" for at in range(size)]


def write_suite(
    folder: Path,
    size: int,
    bodies: Mapping[str, str] | None = None,
    *,
    fixtures: Mapping[str, str] | None = None,
) -> None:
    """Write a suite of so many tests, each of which does nothing but what its body says."""
    (folder / "pytest.ini").write_text(CONFIGURATION)
    (folder / "shop.py").write_text(SHOP)
    (folder / "conftest.py").write_text(FIXTURES)
    files: dict[str, list[str]] = {}
    for name in names_of(size):
        file, _, function = name.partition("::")
        body, asked = (bodies or {}).get(name, "pass"), (fixtures or {}).get(name, "")
        files.setdefault(file, [HEAD]).append(f"def {function}({asked}):\n    {body}\n")
    for file, parts in files.items():
        (folder / file).write_text("\n".join(parts))


def pollute(folder: Path, size: int, kind: str, polluters: Sequence[str], victim: str) -> None:
    """Write a suite in which the polluters leave something of a kind behind that breaks the victim."""
    pollution = KINDS[kind]
    bodies = {**dict.fromkeys(polluters, pollution.leaves), victim: pollution.expects}
    write_suite(folder, size, bodies, fixtures=dict.fromkeys(bodies, pollution.fixture))
