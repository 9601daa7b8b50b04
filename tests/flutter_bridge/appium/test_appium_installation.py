"""Appium as `./run` set it up: found, refused where it won't do, and started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from flutter_bridge import AppiumMissing
from flutter_bridge.appium.installation import VARIABLE, AppiumInstallation, find_appium

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that commands are found in."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(VARIABLE, raising=False)
    return folder


@pytest.fixture
def project(tmp_path: Path, path: Path) -> Path:
    """A folder with an Appium that was set up, and a Node that is new enough."""
    folder = tmp_path / "project"
    appium = folder / "node_modules" / "appium"
    appium.mkdir(parents=True)
    (appium / "package.json").write_text(json.dumps({"version": "3.8.0", "bin": {"appium": "start.js"}}))
    (appium / "start.js").touch()
    (folder / "package.json").write_text(json.dumps({"dependencies": {"appium": "3.8.0"}}))
    node(path / "node", "v22.12.0")
    return folder


def node(file: Path, version: str) -> Path:
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(f"#!/bin/sh\necho {version}\n")
    file.chmod(0o755)
    return file


def test_it_is_found_in_the_projects_folder(project: Path, path: Path) -> None:
    assert find_appium(project) == AppiumInstallation(
        node=path / "node",
        entry=project / "node_modules" / "appium" / "start.js",
        home=project,
        version="3.8.0",
    )


def test_it_is_found_in_a_folder_above_unless_there_is_one_of_the_projects_own(
    project: Path, tmp_path: Path
) -> None:
    inner = project / "apps" / "chat"
    (inner / "node_modules" / "something-else").mkdir(parents=True)
    assert find_appium(inner) == find_appium(project)
    (project / "node_modules").rename(inner / "node_modules" / "moved")
    (inner / "node_modules" / "moved" / "appium").rename(inner / "node_modules" / "appium")
    assert find_appium(inner).home == inner


def test_the_node_that_set_it_up_is_used(project: Path) -> None:
    own = node(project / ".venv" / "own-node", "v24.19.0")
    (project / ".venv" / "node").write_text(f"{own}\n")
    assert find_appium(project).node == own
    own.unlink()
    assert find_appium(project).node != own


def test_a_named_node_comes_first(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(node(tmp_path / "mine", "v24.0.0")))
    assert find_appium(project).node == tmp_path / "mine"


def test_a_named_node_has_to_be_there(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/node")
    with pytest.raises(
        AppiumMissing, match=r"^no Node at /nowhere/node: name an executable in JOURNEYS_NODE"
    ):
        find_appium(project)
    monkeypatch.setenv(VARIABLE, str(node(tmp_path / "mine", "v18.20.0")))
    with pytest.raises(AppiumMissing, match=r"JOURNEYS_NODE=.*mine is v18\.20\.0: name another"):
        find_appium(project)


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.12.1", "v24.0.0", "v25.1.0", "v100.0.0"])
def test_a_node_that_appium_runs_with(project: Path, path: Path, version: str) -> None:
    node(path / "node", version)
    assert find_appium(project).node == path / "node"


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("v20.18.3", r"is v20\.18\.3"),
        ("v21.9.0", r"is v21\.9\.0"),
        ("v22.11.0", r"is v22\.11\.0"),
        ("v23.11.0", r"is v23\.11\.0"),
        ("what?", "does not say its version"),
    ],
)
def test_a_node_that_appium_does_not_run_with(project: Path, path: Path, version: str, problem: str) -> None:
    node(path / "node", version)
    with pytest.raises(
        AppiumMissing,
        match=rf"^Appium needs Node 20\.19, 22\.12 or 24 and newer \(.*/node {problem}\): `\./run android`",
    ):
        find_appium(project)


def test_no_node_at_all_says_what_to_do(project: Path, path: Path) -> None:
    (path / "node").unlink()
    with pytest.raises(AppiumMissing, match=r"there is none on the path\): `./run android` sets it up"):
        find_appium(project)


def test_without_appium_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AppiumMissing, match=r"^there is no Appium in .*: `./run android` sets it up$"):
        find_appium(tmp_path)


def test_an_installation_that_was_broken_off_is_refused(project: Path) -> None:
    (project / "node_modules" / "appium" / "start.js").unlink()
    with pytest.raises(AppiumMissing, match=r"is not whole, start\.js is missing: `./run android`"):
        find_appium(project)


def test_another_version_than_the_one_that_is_pinned_is_refused(project: Path) -> None:
    (project / "package.json").write_text(json.dumps({"dependencies": {"appium": "3.9.0"}}))
    with pytest.raises(AppiumMissing, match=r"^Appium 3\.8\.0 is installed, and package\.json pins 3\.9\.0"):
        find_appium(project)


def test_the_command_keeps_to_this_machine_and_opens_no_insecure_feature(project: Path) -> None:
    words = find_appium(project).command(4723, drivers=["uiautomator2"])
    assert words[words.index("--address") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "4723"
    assert words[words.index("--use-drivers") + 1] == "uiautomator2"
    assert [word for word in words if "insecure" in word or "relaxed" in word] == []


def test_the_environment_names_an_android_sdk_where_there_is_one(project: Path, tmp_path: Path) -> None:
    appium = find_appium(project)
    assert appium.environment() == {"APPIUM_HOME": str(project)}
    assert appium.environment(android_home=tmp_path) == {
        "APPIUM_HOME": str(project),
        "ANDROID_HOME": str(tmp_path),
        "ANDROID_SDK_ROOT": str(tmp_path),
    }


async def test_the_server_starts_answers_and_ends_when_it_is_told_to() -> None:
    appium = find_appium(ROOT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *appium.command(port),
        env={**os.environ, **appium.environment()},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            async for line in process.stdout:
                if b"listener started" in line:
                    break
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            status = (await client.get("/status")).json()["value"]
        assert status["ready"] is True
        assert status["build"]["version"] == appium.version
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await process.stdout.read()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
