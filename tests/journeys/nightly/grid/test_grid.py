"""A nightly job through a real Selenium Grid: Appium on stand-ins, a Chrome node, and a node that dies."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import BrowserMissing
from flutter_bridge.mobile_web import find_chromedriver
from flutter_bridge.web import find_browser
from journeys.configuration import Configuration
from journeys.devices import Place, check_appiums
from journeys.devices.providers import PROVIDERS
from journeys.errors import InfrastructureError
from journeys.targets import read_targets
from tests.fake_android.stand_in_process import running_stand_ins
from tests.flutter_bridge.appium_server import running_appium
from tests.journeys.devices.conftest import APP
from tests.journeys.nightly.grid.selenium_grid import Grid, chrome, free_port, relay, running_grid

APP_ID, ACTIVITY = "app.journeys.reference", ".MainActivity"
NIGHT = """
[night]
journeys = ["test_grid.py"]
retries = 1
workers = 2

[targets.phone]
platform = "android"
provider = "grid"
app_id = "{app}"
activity = "{activity}"
devices = ["stand-in-1", "stand-in-2"]
frames = "screenshots"

[targets.phone.provider_options]
url = "${{GRID_URL}}"

[targets.phone.capabilities]
# A stand-in has none of Appium's own apps, and no lock.
"appium:skipServerInstallation" = true
"appium:skipDeviceInitialization" = true
"appium:skipUnlock" = true
"appium:ignoreHiddenApiPolicyError" = true
"appium:suppressKillServer" = true

[targets.browser]
platform = "chromium"
provider = "grid"
provider_options = {{ url = "${{GRID_URL}}" }}
capabilities = {{ "goog:chromeOptions" = {{ args = ["--no-sandbox"], binary = "{browser}" }} }}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project with a nightly job that goes through a Grid."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.journeys]\npaths = ["."]\n\n[tool.pytest.ini_options]\n'
        'asyncio_default_fixture_loop_scope = "session"\naddopts = ["-p", "no:randomly"]\n'
    )
    (tmp_path / "nightly.toml").write_text(
        NIGHT.format(app=APP_ID, activity=ACTIVITY, browser=find_browser())
    )
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text(APP)
    shutil.copy(Path(__file__).parent / "grid_journeys.py", tmp_path / "test_grid.py")
    return tmp_path


@asynccontextmanager
async def web_server(folder: Path) -> AsyncIterator[str]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def farm(project: Path) -> AsyncIterator[tuple[Grid, str]]:
    """Run a Grid with two nodes that relay to an Appium with two stand-ins, and one with Chrome."""
    async with AsyncExitStack() as stack:
        grid = await stack.enter_async_context(running_grid(project))
        site = await stack.enter_async_context(web_server(project / "site"))
        app = f"{APP_ID}/{ACTIVITY}={site}"
        phones = await stack.enter_async_context(running_stand_ins("--devices", "2", "--app", app))
        appium = await stack.enter_async_context(
            running_appium("uiautomator2", environment=phones.environment)
        )
        await grid.until_up()
        async with asyncio.TaskGroup() as group:
            for settings in (relay(appium.address), relay(appium.address), chrome(find_chromedriver())):
                group.create_task(grid.start_node(settings))
        yield grid, site


def environment(**more: str) -> dict[str, str]:
    """Return the environment as a shell has it, without what this test run has put there."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "JOURNEYS_"))}
    return kept | more


async def appears(file: Path, running: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(120):
        while not await asyncio.to_thread(file.exists):
            assert running.returncode is None, "the night was over before that"
            await asyncio.sleep(0.05)


def cells(project: Path) -> dict[tuple[str, str], Any]:
    night = json.loads((project / "night-results" / "night.json").read_text())
    return {(cell["casting"], cell["journey"]): cell for cell in night["cells"]}


@pytest.mark.long
async def test_a_node_that_dies_costs_its_session_only_and_that_is_played_again_elsewhere(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        find_chromedriver()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    async with farm(project) as (grid, site):
        night = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "journeys.cli", "farm", "run", "--app-url", site, "--backend-url", site),
            cwd=project,
            env=environment(GRID_URL=grid.url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        saying = asyncio.create_task(night.communicate())
        try:
            await appears(project / "in-session", night)
            cut = (project / "in-session").read_text()
            (node,) = [port for port, sessions in (await grid.up()).items() if cut in sessions]
            (project / "cut").touch()
            await grid.kill_node(node)
            said = (await saying)[0].decode()
        finally:
            if night.returncode is None:
                night.terminate()
                await night.wait()
        # The hub finds out by and by that the node is gone, and with it a session.
        async with asyncio.timeout(60):
            while await grid.up() != {port: [] for port in grid.nodes if port}:  # noqa: ASYNC110 - the hub tells nobody
                await asyncio.sleep(0.1)

    played = cells(project)
    assert len(played) == 4, said
    assert {cell["status"] for cell in played.values()} == {"passed"}, said
    first, second = played["phone", "node_goes_away"]["attempts"]
    assert (first["status"], first["cause"]) == ("error", "infrastructure")
    # The address came from the environment, as one with a password would.
    assert first["error"].startswith("the node of the Grid at [redacted] that had the session is gone (")
    assert (second["status"], second["cause"]) == ("passed", "")
    others = [cell for key, cell in played.items() if key != ("phone", "node_goes_away")]
    assert [len(cell["attempts"]) for cell in others] == [1, 1, 1]
    assert night.returncode == 0, said

    monkeypatch.setenv("GRID_URL", grid.url)
    phone = read_targets(
        Configuration(root=project, targets=()), project / "nightly.toml", providers=lambda: PROVIDERS
    ).find("phone")
    with pytest.raises(InfrastructureError, match=r"^phone: Selenium Grid can't be reached at "):
        check_appiums([Place(target=phone)])
