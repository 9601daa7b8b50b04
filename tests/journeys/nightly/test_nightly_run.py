"""A night as it is played: what is tried again and what never is, what it leaves, how it is cut short."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import now
from journeys.configuration import read_configuration
from journeys.nightly.job import read_night
from journeys.nightly.plan import check_targets
from journeys.nightly.record import CellRecord, NightRecord
from journeys.nightly.store import open_store
from tests.few_plugins import FEW_PLUGINS

PROJECT = """
[tool.journeys]
paths = ["."]

[[tool.journeys.servers]]
name = "backend"
command = ["{python}", "server.py", "{port}"]

[[tool.journeys.servers]]
name = "app"
command = ["{python}", "server.py", "{port}"]

[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
addopts = [FEW_PLUGINS]
""".replace("FEW_PLUGINS", FEW_PLUGINS)

SERVER = """
import http.server, os, sys

with open("servers", "a") as started:
    print(os.getpid(), file=started)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

EVENTFUL = """
import os
from pathlib import Path
from journeys import BudgetMissed, InfrastructureError, ObserverError, journey

def played(name):
    with open(name, "a") as times:
        times.write("x")
    return len(Path(name).read_text())

@journey("Somebody sees it", priority="P0")
async def passes(journey_target): ...

@journey("Somebody sees it too late")
async def is_late(journey_target):
    played("is_late")
    raise BudgetMissed("bob's feed showed it after 2000 ms")

@journey("An observer can't tell")
async def is_unclear(journey_target):
    played("is_unclear")
    raise ObserverError("old looks like new")

@journey("A device is lost once")
async def loses_a_device(journey_target):
    if played("loses_a_device") == 1:
        raise InfrastructureError(f"the device at https://me:{os.environ['FARM_KEY']}@farm went away")

@journey("A worker is lost once")
async def loses_a_worker(journey_target):
    if played("loses_a_worker") == 1:
        os._exit(9)

@journey("Nothing to be seen anywhere")
async def drives_no_app(): ...
"""

NIGHTLY = """
[night]
quarantine = "quarantine.toml"

[targets.web]
platform = "web"

[targets.gone]
platform = "android"
appium_url = "http://127.0.0.1:9/wd/hub"
capabilities = { "farm:key" = "${FARM_KEY}" }
"""

GRID = """
[targets.pixel]
platform = "android"
app_id = "com.example.app"
provider = "grid"
provider_options = { url = "http://127.0.0.1:9" }
"""

QUARANTINE = """
[[quarantine]]
journey = "is_unclear"
owner = "ada@example.test"
reason = "both are grey"
until = 9999-12-31
"""

WAITING = """
import asyncio
from pathlib import Path
from journeys import journey

@journey("Somebody sees it", priority="P0")
async def passes(journey_target): ...

@journey("Somebody waits for ever")
async def waits(journey_target):
    Path("waiting").touch()
    await asyncio.Event().wait()

@journey("Nobody's turn comes")
async def zero_turns(journey_target): ...
"""

SECRET = "swordfish-77"

Farm = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def farm(tmp_path: Path, store_address: str) -> Farm:
    """Start `journeys farm` in a project of its own, with a store of its own."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "server.py").write_text(SERVER)

    async def start(*words: str) -> asyncio.subprocess.Process:
        known = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI"))}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "journeys.cli", "farm", *words),
            cwd=tmp_path,
            env={**known, "JOURNEYS_STORE": store_address, "FARM_KEY": SECRET},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    return start


async def said_by(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(120):
        said, _ = await process.communicate()
    return said.decode()


def night_in(folder: Path) -> NightRecord:
    night: NightRecord = json.loads((folder / "night-results/night.json").read_text())
    return night


def cell_of(night: NightRecord, journey: str, casting: str = "web") -> CellRecord:
    (found,) = (each for each in night["cells"] if (each["journey"], each["casting"]) == (journey, casting))
    return found


def attempts(cell: CellRecord) -> list[tuple[str, str]]:
    return [(each["status"], each["cause"]) for each in cell["attempts"]]


def servers_are_gone(folder: Path) -> bool:
    pids = [int(line) for line in (folder / "servers").read_text().split()]
    assert pids
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        return False
    return True


async def waiting(folder: Path) -> None:
    deadline = now() + 60
    while not (folder / "waiting").exists():
        assert now() < deadline
        await asyncio.sleep(0.05)


async def test_an_eventful_night(farm: Farm, tmp_path: Path, store_address: str) -> None:
    (tmp_path / "test_journeys.py").write_text(EVENTFUL)
    (tmp_path / "nightly.toml").write_text(NIGHTLY)
    (tmp_path / "quarantine.toml").write_text(QUARANTINE)
    process = await farm("run", "--workers", "1")
    said = await said_by(process)
    assert process.returncode == 1, said
    night = night_in(tmp_path)

    # What the infrastructure spoiled is played once more, and both tries are told.
    assert attempts(cell_of(night, "loses_a_device")) == [("error", "infrastructure"), ("passed", "")]
    assert attempts(cell_of(night, "loses_a_worker")) == [("error", "infrastructure"), ("passed", "")]
    assert "passed, tried again: loses_a_worker on web: worker 'gw" in said

    # A missed budget and an observer that could not tell are not.
    assert attempts(cell_of(night, "is_late")) == [("failed", "verdict")]
    assert attempts(cell_of(night, "is_unclear")) == [("error", "verdict")]
    assert len((tmp_path / "is_late").read_text()) == len((tmp_path / "is_unclear").read_text()) == 1

    # Quarantine: still played, and told apart.
    quarantined = cell_of(night, "is_unclear")["quarantine"]
    assert quarantined is not None
    assert quarantined["owner"] == "ada@example.test"
    assert "1 in quarantine" in said
    assert "error, in quarantine: is_unclear on web: old looks like new" in said

    # A target that can't be reached costs its own cells; a journey without an app is no cell at all.
    gone = cell_of(night, "passes", "gone")
    assert (gone["status"], gone["cause"], gone["attempts"]) == ("not run", "infrastructure", [])
    assert "can't be reached" in gone["error"]
    assert {cell["journey"] for cell in night["cells"]} == {
        *("passes", "is_late", "is_unclear", "loses_a_device", "loses_a_worker")
    }

    # A cell that did not pass leads to itself on the page that its player's session has written.
    report = (tmp_path / "night-results/report/index.html").read_text()
    assert 'href="../attempt-1/report/index.html#is_late%40web"' in report
    assert (tmp_path / "night-results/attempt-1/report/index.html").exists()

    # It is kept, reported, and holds no secret; nothing stays behind.
    written = [file for file in (tmp_path / "night-results").rglob("*") if file.is_file()]
    assert [file.name for file in written if SECRET.encode() in file.read_bytes()] == []
    assert SECRET not in said
    assert servers_are_gone(tmp_path)
    async with open_store(store_address, tmp_path) as store:
        trends = await store.trends()
        assert [row["id"] for row in trends["nights"]] == [night["id"]]
        assert ("passes", "web") in await store.durations()

    # Its report goes wherever somebody likes who may write there.
    for output, code, why in (("page", 0, "page/index.html"), ("nightly.toml/page", 2, "can't be written")):
        process = await farm("report", "--output", output)
        said = await said_by(process)
        assert process.returncode == code, said
        assert why in said
        assert len(said.splitlines()) == 1


async def test_a_night_that_is_cut_short_keeps_what_it_has(farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "test_journeys.py").write_text(WAITING)
    (tmp_path / "nightly.toml").write_text('[targets.web]\nplatform = "web"\n')
    process = await farm("run", "--workers", "1")
    await waiting(tmp_path)
    process.send_signal(signal.SIGTERM)
    said = await said_by(process)
    assert process.returncode == 143, said
    night = night_in(tmp_path)
    reason = "ended by SIGTERM"
    told: dict[str, Any] = {cell["journey"]: (cell["status"], cell["error"]) for cell in night["cells"]}
    assert told == {"passes": ("passed", ""), "waits": ("not run", reason), "zero_turns": ("not run", reason)}
    assert (night["status"], night["error"]) == ("not run", reason)
    assert (tmp_path / "night-results/report/index.html").exists()
    assert servers_are_gone(tmp_path)


async def test_whoever_cannot_wait_leaves_no_server_behind(farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "test_journeys.py").write_text(WAITING)
    (tmp_path / "nightly.toml").write_text('[targets.web]\nplatform = "web"\n')
    process = await farm("run", "--workers", "1")
    await waiting(tmp_path)
    process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    said = await said_by(process)
    assert process.returncode == 143, said
    assert servers_are_gone(tmp_path)


async def test_a_dry_run_shows_what_would_be_played_and_plays_nothing(farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "test_journeys.py").write_text(WAITING)
    nightly = '[night]\nquarantine = "quarantine.toml"\n[targets.web]\n[targets.tv]\nplatform = "web"\n'
    (tmp_path / "nightly.toml").write_text(nightly)
    (tmp_path / "quarantine.toml").write_text(QUARANTINE.replace("is_unclear", "wait"))
    process = await farm("run", "--dry-run", "--shard", "2/2", "--max-sessions", "3")
    said = await said_by(process)
    assert process.returncode == 0, said
    assert "3 journeys on web, tv: 6 cells, 2 shards, 1 worker each" in said
    assert "not usable: nightly.toml: targets.web.platform: is missing" in said
    assert "shard 2 (this one): 3 cells, about" in said
    assert said.count("quarantine: no journey is called 'wait': did you mean waits?") == 1
    # What can't be played says so, and so does what is too much: two of three sessions are the first shard's.
    listed = [line for line in said.splitlines() if " on " in line and line.startswith("  ")]
    assert sum("not run" in line for line in listed if line.endswith(" on web")) == 3
    assert sum("not run" in line for line in listed if line.endswith(" on tv")) == 1
    assert not (tmp_path / "night-results").exists()
    assert not (tmp_path / "servers").exists()


async def test_a_target_that_cannot_be_used_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "nightly.toml").write_text(GRID)
    night = read_night(tmp_path / "nightly.toml", read_configuration(tmp_path))
    usable = await check_targets(night, clean=str)
    (told,) = usable.records
    assert told["error"].startswith("Selenium Grid can't be reached")
    assert usable.errors["pixel"] == (f"pixel: {told['error']}", "infrastructure")


async def test_a_folder_that_is_of_no_use_is_refused_before_anything_is_planned(
    farm: Farm, tmp_path: Path
) -> None:
    (tmp_path / "nightly.toml").write_text('[targets.web]\nplatform = "web"\n')
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("by heart")
    refused = {
        "mine": "holds other files and no night",
        "nightly.toml/night": "nightly.toml is a file",
        "..": "name a folder of its own",
        "mine/..": "name a folder of its own",
    }
    for output, why in refused.items():
        process = await farm("run", "--output", output)
        said = await said_by(process)
        assert process.returncode == 2, said
        assert why in said
        assert len(said.splitlines()) == 1
    assert (tmp_path / "mine/thesis.txt").exists()
