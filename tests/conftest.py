"""What all tests share: a PostgreSQL, a Flutter app, test phases, pytest's own way to try plugins."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from embedded_postgres import EmbeddedPostgres
from tests.database_server import VARIABLE, DatabaseServer, UnfitDatabase, check, open_server
from tests.distribution import BySharing, add_groups, group_of
from tests.quick import Quick

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

pytest_plugins = ["pytester"]

BACKEND_TESTS = {"app_backend", "integration", "isolation"}
"""Folders whose tests share the fixtures of `tests/backend_fixtures.py`."""

PHASES = ("tdd_red", "tdd_green", "tdd_refactor")

TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="leave out tests that take long, or start a process"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("quick"):
        config.pluginmanager.register(Quick())
    # Once for all processes, and before any test: none begins where the database is unfit.
    elif (url := os.environ.get(VARIABLE)) and not hasattr(config, "workerinput"):
        try:
            asyncio.run(check(url))
        except UnfitDatabase as unfit:
            raise pytest.UsageError(str(unfit)) from None


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> None:
    """Have the backend's fixtures where its tests are; to import them takes a second."""
    if path.parent == TESTS and path.name in BACKEND_TESTS:
        parent.config.pluginmanager.import_plugin("tests.backend_fixtures")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> BySharing:
    return BySharing(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # What takes longest begins first, so that nothing is waited for at the end: a group is one piece.
    items.sort(key=lambda item: item.get_closest_marker("long") is None and not group_of(item))
    if hasattr(config, "workerinput"):
        add_groups(items)
    for item in items:
        if any(item.get_closest_marker(phase) for phase in PHASES):
            continue
        # A property, or a contract kept by every implementation, stays true while the code is reshaped.
        guards = (
            getattr(getattr(item, "obj", None), "is_hypothesis_test", False) or "contract" in item.path.name
        )
        item.add_marker("tdd_refactor" if guards else "tdd_green")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL per test process, where any test wants one."""
    with EmbeddedPostgres() as server:
        yield server


@pytest.fixture(scope="session")
async def database_server(request: pytest.FixtureRequest) -> AsyncIterator[DatabaseServer]:
    """The PostgreSQL of TEST_DATABASE_URL, which all processes of a run share, or else `postgres`."""
    worker = getattr(request.config, "workerinput", {"testrunuid": uuid.uuid4().hex, "workerid": "main"})
    given = os.environ.get(VARIABLE)
    url = given or await request.getfixturevalue("postgres").url()
    async with open_server(
        url, run=worker["testrunuid"][:8], worker=worker["workerid"], own=not given
    ) as server:
        yield server


@pytest.fixture(scope="session")
async def database_url(database_server: DatabaseServer) -> str:
    """The address of this process's database, with the backend's tables: a clone of the run's template."""
    return await database_server.clone()


@pytest.fixture
async def cloned_database(database_server: DatabaseServer) -> AsyncIterator[str]:
    """The address of a database with the backend's tables that only this test is on."""
    url = await database_server.clone()
    yield url
    await database_server.drop(url)


@pytest.fixture
async def own_database(database_server: DatabaseServer) -> AsyncIterator[str]:
    """The address of an empty database that only this test is on."""
    url = await database_server.create()
    yield url
    await database_server.drop(url)


@pytest.fixture(scope="session")
async def sample_app() -> AsyncIterator[str]:
    """Serve the sample Flutter app from a process of its own; its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.flutter_bridge.sample_app"),
        cwd=Path(__file__).parents[1],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()
