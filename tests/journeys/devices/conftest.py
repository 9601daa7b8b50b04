"""Machines with and without an adb, leases, a project whose journeys are played through the real Appium."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from journeys.devices.leases import Leases, open_database
from tests.journeys.devices.scripted_adb import Adb, without_adb, write_adb

ROOT = Path(__file__).parents[3]

SETTINGS = """
[tool.journeys]
paths = ["."]

[[tool.journeys.servers]]
name = "backend"
command = ["{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1", "--directory", "site"]

[[tool.journeys.servers]]
name = "app"
command = ["{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1", "--directory", "site"]

[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "session"
# Plugins that take their time to be imported, and have no business here.
addopts = [
    "-p", "no:randomly", "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio",
]
"""
TARGETS = """
[targets.phone]
platform = "android"
stand_in = true

[targets.browser]
platform = "chromium"

[targets.nonsense]
platform = "chromium"
capabilities = { "appium:automationName" = "Nonsense" }
"""
# What a Flutter app's page looks like to those who read its semantics.
APP = """<!doctype html><meta name=viewport content="width=device-width, initial-scale=1">
<flutter-view></flutter-view>
<flt-semantics-host><flt-semantics id="flt-semantic-node-0">Hello</flt-semantics></flt-semantics-host>
<script>console.log("Hello from", location.pathname)</script>
"""


@pytest.fixture
def adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adb:
    """Return what writes an adb, on a machine that has none until then."""
    without_adb(tmp_path, monkeypatch)
    return partial(write_adb, tmp_path, monkeypatch)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project with the Appium of this one, and an app that says Hello."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "targets.toml").write_text(TARGETS)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text(APP)
    shutil.copy(ROOT / "package.json", tmp_path)
    # A folder of its own, with what is in the other: Appium notes down in it where it found its drivers.
    (tmp_path / "node_modules").mkdir()
    for package in (ROOT / "node_modules").iterdir():
        if package.name != ".cache":
            (tmp_path / "node_modules" / package.name).symlink_to(package)
    shutil.copy(Path(__file__).parent / "faulty_journeys.py", tmp_path / "test_faults.py")
    return tmp_path


@pytest.fixture
async def leases(own_database: str, tmp_path: Path) -> AsyncIterator[Leases]:
    """Keep leases in a database of their own."""
    async with open_database(own_database, tmp_path) as database:
        yield Leases(database)
