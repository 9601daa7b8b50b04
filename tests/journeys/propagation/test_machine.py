"""How long something had to wait for the machine: by the kernel's counters, and by our own event loop."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from flutter_bridge import now
from journeys.propagation import Machine, wait_for_quiet

TICKS = os.sysconf("SC_CLK_TCK")


class Counters:
    """The kernel's files, as this machine would write them."""

    def __init__(self, folder: Path) -> None:
        self.pressure, self.statistics = folder / "cpu.pressure", folder / "stat"
        self.write(waited_s=100.0, stolen_s=7.0)

    def write(self, *, waited_s: float, stolen_s: float = 7.0) -> None:
        some = f"some avg10=1.00 avg60=2.00 avg300=3.00 total={round(waited_s * 1e6)}"
        self.pressure.write_text(f"{some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")
        stolen = round(stolen_s * TICKS)
        self.statistics.write_text(f"cpu  11 22 33 44 55 66 77 {stolen} 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n")

    def machine(self) -> Machine:
        return Machine(pressure=(self.pressure,), statistics=self.statistics)


@pytest.fixture
def counters(tmp_path: Path) -> Counters:
    return Counters(tmp_path)


async def reads(machine: Machine, *, number: int = 4) -> float:
    """Let the machine take some readings, and return the moment after the last of them."""
    for _ in range(number):
        await asyncio.sleep(0.02)
    del machine
    return now()


async def test_what_waited_and_what_was_stolen_adds_up(counters: Counters) -> None:
    machine = counters.machine()
    following = asyncio.create_task(machine.follow())
    try:
        began = await reads(machine)
        counters.write(waited_s=100.04, stolen_s=7.02)
        await reads(machine)
        ended = await reads(machine)
        quiet = await reads(machine, number=6)
    finally:
        following.cancel()
        await asyncio.wait((following,))
    assert machine.waited_s(began, ended) >= 0.06 - 1e-9
    assert machine.waited_s(began, began + 0.01) <= 0.011  # never more than the time there was
    assert machine.waited_s(quiet, quiet) == 0.0


async def test_an_event_loop_that_is_held_up_counts_where_the_kernel_counts_nothing(tmp_path: Path) -> None:
    machine = Machine(pressure=(tmp_path / "missing",), statistics=tmp_path / "missing")
    following = asyncio.create_task(machine.follow())
    try:
        began = await reads(machine)
        time.sleep(0.2)  # noqa: ASYNC251 - holds up the loop, which is what is to be noticed
        ended = await reads(machine)
    finally:
        following.cancel()
        await asyncio.wait((following,))
    assert 0.15 <= machine.waited_s(began, ended) <= ended - began


@pytest.mark.parametrize("content", ["", "some", "some avg10=1 total=much", "full total=3", "\xff"])
async def test_counters_that_say_nothing_are_done_without(counters: Counters, content: str) -> None:
    counters.pressure.write_text(content, encoding="latin-1")
    counters.statistics.write_text(content, encoding="latin-1")
    machine = counters.machine()
    following = asyncio.create_task(machine.follow())
    began = await reads(machine)
    following.cancel()
    await asyncio.wait((following,))
    assert machine.waited_s(began - 1.0, began) <= 1.0


def test_before_anything_was_read_nothing_is_known(counters: Counters) -> None:
    assert counters.machine().waited_s(0.0, 1.0) == 0.0


def test_a_busy_machine_is_waited_for_until_it_is_quiet(counters: Counters) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        # Three busy seconds, in which more waits than there is time, and then a quiet one.
        counters.write(waited_s=100.0 + min(3, len(pauses)) * 2.0)

    wait_for_quiet(pressure=(counters.pressure,), pause=pause)
    assert len(pauses) == 4


def test_nothing_is_waited_for_where_nothing_counts(tmp_path: Path) -> None:
    wait_for_quiet(pressure=(tmp_path / "missing",), pause=lambda _: pytest.fail("it waited"))


def test_a_machine_that_never_gets_quiet_is_not_waited_for_for_ever(counters: Counters) -> None:
    until = now() + 0.05

    def pause(_: float) -> None:
        counters.write(waited_s=now() * 1e3)

    wait_for_quiet(within=0.05, pressure=(counters.pressure,), pause=pause)
    assert now() >= until
