"""Sessions on phones that can't begin: one line says why, and nothing was started by then."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.devices.scripted_adb import FAIRPHONE, LOCKED, PIXEL, without_adb, write_adb

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

LOOKS = """
from journeys import journey

@journey("Somebody looks")
async def somebody_looks(cast): ...
"""
TARGETS = """
[targets.phone]
platform = "android"

[targets.android]
platform = "android"
stand_in = true

[targets.browser]
platform = "chromium"
"""


@pytest.fixture
def machine(project: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with phones on a machine that has neither adb nor Node nor Appium."""
    without_adb(project.path, monkeypatch)
    monkeypatch.delenv("JOURNEYS_NODE", raising=False)
    (project.path / "targets.toml").write_text(TARGETS)
    pytester.makepyfile(test_it=LOOKS)
    return project.path


def install_appium(folder: Path) -> None:
    """Write what passes for an Appium until somebody starts it."""
    appium = folder / "node_modules" / "appium"
    appium.mkdir(parents=True)
    (appium / "index.js").touch()
    (appium / "package.json").write_text(json.dumps({"version": "3.8.0", "bin": {"appium": "index.js"}}))


def write_node(folder: Path, version: str) -> str:
    """Write what passes for a Node until it has to do something."""
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    return str(node)


def refused(result: pytest.RunResult, project: Project, *, code: int) -> str:
    """Return the line that says why a session didn't begin."""
    assert result.ret == code
    (line,) = [line for line in result.outlines if "error" in line]
    assert not project.started()
    assert project.report()["error"] in line
    return line


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        ((), ["--journey-target=phone"], "phone: adb sees no device: start an emulator, or connect a phone"),
        ((LOCKED,), ["--journey-target=android"], "android: R58M000000 doesn't trust this computer: unlock"),
        ((PIXEL, FAIRPHONE), ["--journey-target=phone"], "phone: there are 2 devices, emulator-5554 (Pixel"),
        (
            (PIXEL,),
            ["--journey-target=phone", "--journey-device=emulator-5556"],
            "phone: adb sees no device emulator-5556: there is emulator-5554 (Pixel 8, API 35)",
        ),
        (
            (PIXEL,),
            ["--journey-target=phone"],
            "phone: emulator-5554 is connected, but which app is to run on it? --app app.apk, or app_id in",
        ),
        (
            (PIXEL,),
            ["--journey-target=phone", "--journey-app=test_it.py"],
            "test_it.py is no package that Android installs: `flutter build apk` makes one",
        ),
        (
            (),
            ["--journey-cast=alice=phone,bob=browser"],
            "phone: adb sees no device: start an emulator, or connect a phone",
        ),
    ],
    ids=["none", "unauthorized", "two", "not there", "which app", "no app", "in a cast"],
)
def test_a_device_that_is_not_to_be_had(
    machine: Path,
    project: Project,
    within: Run,
    monkeypatch: pytest.MonkeyPatch,
    lines: tuple[str, ...],
    options: list[str],
    said: str,
) -> None:
    write_adb(machine, monkeypatch, *lines)
    assert said in refused(within("--journey-console", *options), project, code=2)


def test_more_workers_than_devices(
    machine: Path, project: Project, within: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_adb(machine, monkeypatch, PIXEL)
    (machine / "targets.toml").write_text('[targets.phone]\nplatform = "android"\napp_id = "org.example"\n')
    result = within("--journey-console", "--journey-target=phone", "-n2")
    assert result.ret == 2
    assert result.outlines == ["journeys: error: phone: 1 device for 2 workers: run fewer side by side"]
    assert not project.started()


def test_no_appium(machine: Path, project: Project, within: Run) -> None:
    line = refused(within("--journey-console", "--journey-target=android"), project, code=2)
    assert line.endswith(f"there is no Appium in {machine}/node_modules: `./run android` sets it up")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (None, "(there is none on the path): `./run android` sets it up with one of its own, or name one in"),
        ("/no/such/node", "no Node at /no/such/node: name an executable in JOURNEYS_NODE, or unset it"),
        ("v18.20.4", "is v18.20.4: name another, or unset it"),
    ],
    ids=["none", "not there", "too old"],
)
def test_no_node_that_runs_appium(
    machine: Path,
    project: Project,
    within: Run,
    monkeypatch: pytest.MonkeyPatch,
    named: str | None,
    said: str,
) -> None:
    install_appium(machine)
    if named is not None:
        monkeypatch.setenv("JOURNEYS_NODE", write_node(machine, named) if named.startswith("v") else named)
    for target in ("android", "browser"):
        assert said in refused(within("--journey-console", f"--journey-target={target}"), project, code=2)


def test_nothing_at_the_address_of_appium(machine: Path, project: Project, within: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    options = ["--journey-target=phone", f"--appium-url={address}"]
    line = refused(within("--journey-console", *options), project, code=3)
    assert line.endswith(f"Appium at {address} can't be reached: is it running there?")


def test_pytests_own_report_says_the_same(machine: Path, project: Project, within: Run) -> None:
    result = within("--journey-target=phone")
    assert result.ret == 2
    (line,) = [line for line in result.outlines if "phone: no adb to find an Android device with" in line]
    assert "Exit: " in line
    assert not project.started()
