"""Faults by their names: they end with their scope, whatever happens, and are known to the timeline."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from journeys import HttpFault, Timeline, UsageError
from journeys.chaos import Faults, Leftovers
from journeys.errors import InfrastructureError
from journeys.timeline import FaultEnded, FaultStarted
from tests.journeys.chaos.conftest import Switches

ON, OFF = ("PUT", "/faults/slow"), ("DELETE", "/faults/slow")


def fault_of(switches: Switches, leftovers: Leftovers | None = None) -> HttpFault:
    return HttpFault(
        at=switches.address, on="PUT /faults/slow", off="DELETE /faults/slow", leftovers=leftovers
    )


async def test_a_fault_begins_with_its_scope_and_ends_with_it(switches: Switches) -> None:
    timeline = Timeline()
    faults = Faults({"slow": fault_of(switches)}, timeline=timeline)

    async with faults.slow(delay_ms=300):
        assert [each[:2] for each in switches.asked] == [ON]
        assert json.loads(switches.asked[0][2]) == {"delay_ms": 300}

    assert [each[:2] for each in switches.asked] == [ON, OFF]
    assert [event.fault for event in timeline.events_of(FaultStarted)] == ["slow (delay_ms=300)"]
    assert [event.fault for event in timeline.events_of(FaultEnded)] == ["slow (delay_ms=300)"]


async def test_a_fault_ends_where_its_scope_fails(switches: Switches) -> None:
    with pytest.raises(ZeroDivisionError):
        async with Faults({"slow": fault_of(switches)}, timeline=Timeline()).slow():
            _ = 1 / 0

    assert [each[:2] for each in switches.asked] == [ON, OFF]


async def test_a_fault_ends_where_its_journey_is_cancelled_as_by_ctrl_c(switches: Switches) -> None:
    is_on = asyncio.Event()

    async def play() -> None:
        async with Faults({"slow": fault_of(switches)}, timeline=Timeline()).slow():
            is_on.set()
            await asyncio.Event().wait()

    playing = asyncio.create_task(play())
    await is_on.wait()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing

    assert [each[:2] for each in switches.asked] == [ON, OFF]


@pytest.mark.parametrize(
    ("name", "words"),
    [("slw", "did you mean slow?"), ("volcano", "there is hang, slow")],
)
def test_an_unknown_fault_is_told_with_what_there_is(switches: Switches, name: str, words: str) -> None:
    faults = Faults({"slow": fault_of(switches), "hang": fault_of(switches)}, timeline=Timeline())

    with pytest.raises(UsageError, match=rf"there is no fault '{name}': .*{words}"):
        getattr(faults, name)


def test_a_cast_without_faults_says_so() -> None:
    with pytest.raises(UsageError, match="this cast has none"):
        _ = Faults({}, timeline=Timeline()).slow


async def test_a_backend_that_refuses_a_fault_is_quoted(switches: Switches) -> None:
    switches.status = 404
    with pytest.raises(UsageError, match=r"PUT /faults/slow: the backend refuses the fault \(404\)"):
        async with fault_of(switches)():
            pass


async def test_a_backend_that_is_not_there_is_named() -> None:
    fault = HttpFault(at="http://127.0.0.1:9", on="PUT /x", off="DELETE /x")
    with pytest.raises(InfrastructureError, match=r"the backend at http://127.0.0.1:9 does not answer"):
        async with fault():
            pass


@pytest.mark.parametrize("wrong", ["/faults/slow", "put /faults/slow", "PUT", "PUT ftp://x/y"])
def test_what_is_no_request_is_refused(wrong: str) -> None:
    if wrong == "PUT":
        # The backend's own address is one.
        HttpFault(at="http://127.0.0.1:9", on=wrong, off=wrong)
        return
    with pytest.raises(UsageError, match="is no request"):
        HttpFault(at="http://127.0.0.1:9", on=wrong, off="DELETE /x")


async def test_a_fault_of_a_killed_run_is_found_and_cleared(switches: Switches, tmp_path: Path) -> None:
    leftovers = Leftovers(tmp_path)
    killed = (
        "import sys, os, signal\n"
        "from pathlib import Path\n"
        "from journeys.chaos import Leftovers\n"
        "Leftovers(Path(sys.argv[1])).note('slow', method='DELETE', url=sys.argv[2])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", killed, str(tmp_path), f"{switches.address}/faults/slow"]
    await asyncio.to_thread(subprocess.run, command, check=False)

    lines = await leftovers.clear()

    assert lines == ["the fault 'slow' was left on by a run that was killed: cleared"]
    assert [each[:2] for each in switches.asked] == [OFF]
    assert await leftovers.clear() == []


async def test_a_fault_of_a_run_that_goes_on_is_left_alone(switches: Switches, tmp_path: Path) -> None:
    leftovers = Leftovers(tmp_path)
    async with fault_of(switches, leftovers)():
        assert await leftovers.clear() == []
        assert [each[:2] for each in switches.asked] == [ON]

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's own way blocks, says the linter


async def test_a_fault_whose_journey_fails_is_not_left_over(switches: Switches, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with fault_of(switches, Leftovers(tmp_path))():
            _ = 1 / 0

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's own way blocks, says the linter


async def test_what_lies_among_the_notes_and_is_none_is_removed(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"fault": "sl')

    assert await Leftovers(tmp_path).clear() == []
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - pathlib's own way blocks, says the linter
