"""Readers of what people write for their project."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from unittest.mock import patch

from flutter_bridge import AppiumMissing
from flutter_bridge.appium import find_appium, installation
from journeys.configuration import Configuration, read_configuration
from journeys.data import InvalidScenario, read_scenario
from journeys.devices.providers import PROVIDERS
from journeys.errors import JourneysError
from journeys.nightly.job import read_night, read_quarantine
from journeys.plan import missing_files, read_junit, read_plan, read_record
from journeys.profile import Identifiers
from journeys.profile.scenarios import FORMAT
from journeys.redaction import know_within
from journeys.run import Combination, NightlyPart, RunOptions, encode_spec, resolve, take_spec
from journeys.targets import read_targets
from tests.mutations.reader import Read, Reader

CONFIGURATION = b"""
[tool.other]
anything = [1, 2]

[tool.journeys]
app = "app"
backend = "backend"
targets = ["web", "night"]
paths = ["e2e"]
pictures = "faces"
baselines = "e2e/baselines"

[[tool.journeys.servers]]
name = "backend"
command = ["{python}", "-m", "backend", "--port", "{port}"]
env = { LEVEL = "info", APP = "{app.url}" }
ready = "/readyz"
timeout = 30.5
sample = ["--seed"]

[[tool.journeys.servers]]
name = "app"
command = ["serve"]
port = 8000
reuse = true

[[tool.journeys.sample_accounts]]
email = "ada@example.test"
password = "sample"

[tool.journeys.identifiers]
header_avatar = "my-avatar"
post_text = "text-by-{person}"
"""

TARGETS = b"""
[targets.pixel]
platform = "android"
app_id = "com.example.app"
activity = ".MainActivity"
devices = ["emulator-5554"]
appium_url = "http://127.0.0.1:4723"
pixel_ratio = 2.625
links = "example://open"
permissions = "allow"
frames = "mjpeg"
timeout = 20
stand_in = true
stand_ins = 4

[targets.pixel.capabilities]
"appium:avd" = "Pixel_7"
"appium:settings" = { depth = 50, nested = { list = [1, "two", 3.5] } }

[targets.dark]
platform = "web"
theme = "dark"

[targets.cloud]
platform = "ios"
app = "storage:filename=App.ipa"
provider = "saucelabs"

[targets.cloud.provider_options]
region = "eu-central-1"
deviceName = "iPhone.*"
tags = ["nightly"]
maxDuration = 600
phoneOnly = true

[targets.grid]
platform = "chromium"
provider = "grid"
provider_options = { url = "http://grid.example:4444" }

[casts.mixed]
alice = "pixel"
"*" = "web"
"""

NIGHT = (
    b"""
[night]
name = "nightly"
targets = ["web", "pixel"]
casts = ["mixed"]
journeys = ["e2e"]
markers = "p0 or p1"
retries = 1
workers = "auto"
max_minutes = 240
max_sessions = 500
quarantine = "quarantine.toml"
store = "${JOURNEYS_STORE}"
evidence = ["trace", "screenshot"]
"""
    + TARGETS
)

QUARANTINE = b"""
[[quarantine]]
journey = "new_avatar_reaches_every_surface"
casting = "pixel"
owner = "ada@example.test"
reason = "the feed scrolls by itself"
until = 2026-12-01

[[quarantine]]
journey = "new_name_reaches_every_surface"
owner = "grace@example.test"
reason = "flaky"
until = "2026-12-24"
"""

PLAN = b"""
# Plan

| id | priority | scope | contracts | tests |
| --- | --- | --- | --- | --- |
| sign-in | P0 | app \\| backend | `shop/accounts.pyi` | `checks/test_in.py` `test_out.py::test_a` |
| search | P1 | backend | - | checks/test_search.py |
| later | P2 | | | |
"""

JUNIT = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="2"><testcase classname="checks.test_in.TestIn" name="test_a"
time="0.1"/><testcase classname="checks.test_in" name="test_b">
<skipped type="pytest.skip" message="no coins"/></testcase></testsuite></testsuites>
"""

LAST_RUN = b"""{"schema": 1, "plan": "PLAN.md", "started_at": "2026-11-30T22:00:00+00:00", "seconds": 3.5,
"seed": 7, "priorities": ["P0"], "seams": [{"id": "sign-in", "priority": "P0", "tests": 2, "seconds": 0.5}],
"sessions": [{"label": "whole", "seed": null, "seconds": 1.5, "passed": 1, "failed": 0, "skipped": 1,
"problems": []}], "tests": [{"id": "a.py::test_a", "file": "a.py", "outcome": "skipped", "reason": "no coins",
"seconds": 0.1}], "only_together": [], "only_random": [], "bisect": [], "count_differences": [],
"coverage": {"package": "shop", "percent": 80.0, "covered": 4, "lines": 5}, "is_passed": true}"""

SECRETS = {"SAUCE_USERNAME": "ada", "SAUCE_ACCESS_KEY": "a key of ada's"}


def _read_configuration(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "pyproject.toml").write_bytes(document)
        configuration = read_configuration(folder)
        return Identifiers.from_settings(configuration.identifiers)

    return read


def _read_targets(folder: Path) -> Read:
    configuration = Configuration(root=folder)

    def read(document: bytes) -> object:
        (folder / "targets.toml").write_bytes(document)
        targets = read_targets(configuration, providers=lambda: PROVIDERS)
        with patch.dict("os.environ", SECRETS):
            return [targets.find(name) for name in targets.by_name]

    return read


def _read_night(folder: Path) -> Read:
    configuration = Configuration(root=folder)

    def read(document: bytes) -> object:
        (folder / "nightly.toml").write_bytes(document)
        night = read_night(folder / "nightly.toml", configuration)
        for problem in night.known.unsound.values():
            assert len(problem.splitlines()) == 1
        return night

    return read


def _read_quarantine(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "quarantine.toml").write_bytes(document)
        found = read_quarantine(folder / "quarantine.toml", today=date(2026, 12, 1))
        return found.expired_entries, found.select_for_night(
            ["new_avatar_reaches_every_surface"], ["pixel"], whole=True
        ).unmatched

    return read


def _read_plan(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "PLAN.md").write_bytes(document)
        plan = read_plan("PLAN.md", folder)
        for problem in missing_files(plan, plan.seams):
            assert len(problem.splitlines()) == 1
        return plan

    return read


def _read_junit(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "junit.xml").write_bytes(document)
        return read_junit(folder / "junit.xml", ["checks/test_in.py"])

    return read


def _read_last_run(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "last-run.json").write_bytes(document)
        return read_record(folder / "last-run.json")

    return read


def _read_spec(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "run.json").write_bytes(document)
        with know_within(()):
            return take_spec(folder / "run.json")

    return read


def _read_package(folder: Path) -> Read:
    appium = folder / "node_modules" / "appium"
    (appium / "build").mkdir(parents=True)
    (appium / "index.js").touch()

    def read(document: bytes) -> object:
        (appium / "package.json").write_bytes(document)
        (folder / "package.json").write_bytes(document)
        with patch.object(installation, "_node", lambda _: Path("node")):
            return find_appium(folder)

    return read


def _read_node(folder: Path) -> Read:
    _read_package(folder)(PACKAGE)
    (folder / ".venv").mkdir()

    def read(document: bytes) -> object:
        (folder / ".venv" / "node").write_bytes(document)
        with (
            patch.dict("os.environ", {"PATH": "/bin"}),
            patch.object(installation, "_find_obstacle", lambda _: None),
        ):
            return find_appium(folder)

    return read


PACKAGE = json.dumps(
    {"name": "appium", "version": "3.8.0", "bin": {"appium": "index.js"}, "dependencies": {"appium": "3.8.0"}}
).encode()

SPEC = encode_spec(
    resolve(
        RunOptions(output="test-results", console=True),
        Path(__file__).parent,
        nightly=NightlyPart(
            combinations=(Combination("new_avatar", "web"), Combination("new_name", "android")),
            store="/stores/night",
            holder="20261201T030000Z-abcd 1/2",
            lifeline=7,
        ),
    )
).encode()

SCENARIOS = (
    b"""
version = 2
about = "Two people."

[[people]]
id = "ada"
name = "Ada"
picture = { pattern = "tiles", format = "jpeg", size = [640, 480], orientation = 6 }

[[people]]
id = "gone"
name = "Gone"
deleted = true

[[posts]]
by = "ada"
text = "Hello"
count = 3
""",
    b"""
version = 1
[[people]]
id = "ada"
name = "Ada"
picture = "tiles.png"
""",
)


def _read_scenario(folder: Path) -> Read:
    def read(content: bytes) -> object:
        (folder / "scenario.toml").write_bytes(content)
        return read_scenario(folder / "scenario.toml", FORMAT)

    return read


READERS = (
    Reader("scenario", "toml", SCENARIOS, _read_scenario, (InvalidScenario,)),
    Reader("[tool.journeys]", "toml", (CONFIGURATION,), _read_configuration, (JourneysError,)),
    Reader("targets.toml", "toml", (TARGETS,), _read_targets, (JourneysError,)),
    Reader("nightly.toml", "toml", (NIGHT,), _read_night, (JourneysError,)),
    Reader("quarantine.toml", "toml", (QUARANTINE,), _read_quarantine, (JourneysError,)),
    Reader("test plan", "bytes", (PLAN,), _read_plan, (JourneysError,)),
    Reader("JUnit file", "xml", (JUNIT,), _read_junit, (JourneysError,)),
    Reader("last run of a plan", "json", (LAST_RUN,), _read_last_run, (JourneysError,)),
    Reader(
        "run of a nightly player",
        "json",
        (SPEC,),
        _read_spec,
        (JourneysError,),
    ),
    Reader("Appium's package.json", "json", (PACKAGE,), _read_package, (AppiumMissing,)),
    Reader("Node's path", "bytes", (b"/bin/sh\n",), _read_node, (AppiumMissing,)),
)
