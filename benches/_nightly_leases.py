"""Kills (-9) runners, Appium servers and devices while journeys are played: is every device free again.

Several runners play cells on devices that they lease under a short time to live. At random moments one of
all these processes is killed, and started anew. What a killed runner was playing is played again, as is what
failed because of its Appium server or its device. In the end each device has to be there for the asking, and
every cell has to have its result in the history.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import multiprocessing
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal

from benches._nightly_leases_parts import (
    COMMAND_S,
    COMMANDS,
    POOL,
    Entry,
    Task,
    appium,
    device,
    holder,
    runner,
)
from benches._results import print_table
from journeys.errors import InfrastructureError
from journeys.nightly.record import SCHEMA, AttemptRecord, CellRecord, NightRecord
from journeys.nightly.store import Store, open_store

Kind = Literal["runner", "Appium", "device"]
RUNNERS, SERVERS, DEVICES = 3, 2, 4
TTL_S = 0.5
MARGIN_S = 0.25
"""How long after its time to live a lease is looked at: as long as a busy machine may take to look."""

OFTEN_S = 0.25
"""The longest pause between two kills."""

_fork = multiprocessing.get_context("forkserver")


@dataclass
class Kills:
    """What was killed, and what was wrong afterwards."""

    kills: dict[str, int] = field(default_factory=dict)
    cells: int = 0
    played_again: int = 0
    busy_after_ttl: int = 0
    """Leases of killed runners that ran on after their time to live, and devices that nobody could have."""
    results_lost: int = 0
    """Cells that were played, as their runner said, and whose result isn't in the history."""
    used_by_two: int = 0
    """Commands of a runner whose lease was over and whose device another one had by then."""


@dataclass(kw_only=True)
class _Part:
    """A process that is started anew each time it is killed."""

    kind: Kind
    start: Callable[[Connection], BaseProcess]
    process: BaseProcess | None = None
    ours: Connection | None = None
    port: int = 0
    there: asyncio.Event = field(default_factory=asyncio.Event)

    async def up(self) -> None:
        """Start it, and wait for the port of one that has one."""
        self.ours, theirs = _fork.Pipe()
        self.process = self.start(theirs)
        await asyncio.to_thread(self.process.start)
        theirs.close()
        if self.kind != "runner":
            self.port = await asyncio.to_thread(self.ours.recv)
        self.there.set()

    async def down(self) -> None:
        """Let it end by itself, as its caller has gone."""
        if self.ours is not None and self.process is not None:
            self.ours.close()
            await asyncio.to_thread(self.process.join)


async def kill_parts(*, kills: int = 200, ttl: float = TTL_S, seed: int = 0) -> Kills:
    """Kill runners, Appium servers and devices `kills` times in all, and tell how it went."""
    _fork.set_forkserver_preload(["benches._nightly_leases_parts"])
    told = Kills()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder())
        store = await stack.enter_async_context(open_store(None, folder / "store"))
        work = _Work(store, folder, told, ttl=ttl, seed=seed)
        await work.run(kills)
    return told


class _Work:
    """The night that is disturbed."""

    def __init__(self, store: Store, folder: Path, told: Kills, *, ttl: float, seed: int) -> None:
        self._store, self._told, self._ttl = store, told, ttl
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._journal = folder / "journal.jsonl"
        self._servers = [_part("Appium", appium) for _ in range(SERVERS)]
        self._devices = [_part("device", device) for _ in range(DEVICES)]
        self._runners = [
            _part("runner", runner, folder / "store", self._journal, ttl) for _ in range(RUNNERS)
        ]
        self._over = False
        self._numbers = iter(range(1, 10**9))
        self._played: set[str] = set()

    async def run(self, kills: int) -> None:
        parts = [*self._servers, *self._devices, *self._runners]
        await asyncio.gather(*(part.up() for part in parts))
        try:
            async with asyncio.TaskGroup() as tasks:
                for each in self._runners:
                    tasks.create_task(self._lane(each))
                for _ in range(kills):
                    await asyncio.sleep(self._chance.uniform(0, OFTEN_S))
                    # Each kind as often as the others, however many there are of it.
                    kind = self._chance.choice((self._runners, self._servers, self._devices))
                    await self._kill(self._chance.choice(kind), tasks)
                self._over = True
            await self._judge()
        finally:
            await asyncio.gather(*(part.down() for part in parts))

    async def _lane(self, part: _Part) -> None:
        """Have a runner play cell after cell, each until it has been played to its end."""
        while not self._over:
            journey = f"journey_{next(self._numbers)}"
            self._told.cells += 1
            while (error := await self._ask(part, journey)) != "":
                self._told.played_again += 1
                self._told.used_by_two += error == "stale"
            self._played.add(journey)

    async def _ask(self, part: _Part, journey: str) -> str:
        """Return what went wrong as a runner played a cell: also that it was killed."""
        await part.there.wait()
        ports = {
            f"phone-{index}": (self._servers[index % SERVERS].port, each.port)
            for index, each in enumerate(self._devices)
        }
        ours = part.ours
        assert ours is not None
        try:
            ours.send(Task(journey, POOL, ports))
            return str(await asyncio.to_thread(ours.recv))
        except (EOFError, OSError):
            return "killed"

    async def _kill(self, part: _Part, tasks: asyncio.TaskGroup) -> None:
        process = part.process
        assert process is not None
        # Whoever is told of its end waits until there is another one.
        part.there.clear()
        process.kill()
        await asyncio.to_thread(process.join)
        self._told.kills[part.kind] = self._told.kills.get(part.kind, 0) + 1
        if part.kind == "runner":
            assert process.pid is not None
            tasks.create_task(self._look(holder(process.pid)))
        await part.up()

    async def _look(self, dead: str) -> None:
        """See whether a lease outlives its killed holder by more than its time to live."""
        await asyncio.sleep(self._ttl + MARGIN_S)
        held = await self._store.leases.list_held()
        self._told.busy_after_ttl += sum(one.holder == dead and one.left_s > 0 for one in held)

    async def _judge(self) -> None:
        """Ask for all devices at once, and for all results."""
        names = [f"phone-{index}" for index in range(DEVICES)]
        async with AsyncExitStack() as all_of_them:
            for name in names:
                lease = self._store.leases.lease(
                    POOL, [name], holder="judge", ttl=30, patience=self._ttl + MARGIN_S
                )
                try:
                    await all_of_them.enter_async_context(lease)
                except InfrastructureError:
                    self._told.busy_after_ttl += 1
        await self._store.keep(_night(self._journal))
        trends = await self._store.trends("kills")
        passed = {cell["journey"] for cell in trends["cells"] if cell["outcomes"] == "p"}
        self._told.results_lost = len(self._played - passed)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="farm-leases-") as name:
        # A server started as root runs as somebody else, who has to pass through.
        Path(name).chmod(0o711)
        yield Path(name)
        # The store's server ends after its last user, and writes into its folder until then.
        with Path(name, "store", "supervisor.lock").open("w") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)


def _part(kind: Kind, work: Callable[..., None], *words: object) -> _Part:
    return _Part(kind=kind, start=lambda theirs: _fork.Process(target=work, args=(theirs, *words)))


def _night(journal: Path) -> NightRecord:
    """Return the journal as a night's record."""
    cells: dict[str, CellRecord] = {}
    for line in journal.read_text(encoding="utf-8").splitlines():
        entry = Entry(*json.loads(line))
        cell = cells.setdefault(entry.journey, _cell(entry))
        cell["status"], cell["cause"] = ("error", "infrastructure") if entry.error else ("passed", "")
        cell["attempts"].append(
            AttemptRecord(
                number=len(cell["attempts"]) + 1,
                status=cell["status"],
                cause=cell["cause"],
                error=entry.error,
                started_at="",
                duration_s=COMMANDS * COMMAND_S,
                worker="",
                devices=[entry.device],
                results="",
                record=None,
            )
        )
    return NightRecord(
        schema=SCHEMA,
        id="kills",
        name="kills",
        started_at="",
        finished_at="",
        duration_s=0.0,
        status="passed",
        error="",
        revision="",
        branch="",
        shards=[1],
        shard_count=1,
        workers=RUNNERS,
        planned_s=0.0,
        expired=[],
        targets=[],
        cells=list(cells.values()),
        logs=[],
    )


def _cell(entry: Entry) -> CellRecord:
    return CellRecord(
        journey=entry.journey,
        name=entry.journey,
        priority="P1",
        casting=entry.casting,
        status="not run",
        cause="",
        error="",
        expected_s=0.0,
        shard=1,
        quarantine=None,
        attempts=[],
    )


def print_kills(told: Kills) -> None:
    """Print what was killed and what was wrong afterwards."""
    killed = ", ".join(f"{count} {kind}s" for kind, count in sorted(told.kills.items()))
    print_table(
        ("leases, time to live " + f"{TTL_S:g} s", "count"),
        [
            (f"kills ({killed})", str(sum(told.kills.values()))),
            ("cells played", str(told.cells)),
            ("played again", str(told.played_again)),
            ("devices busy after their time to live", str(told.busy_after_ttl)),
            ("results lost", str(told.results_lost)),
            ("devices used by two at once", str(told.used_by_two)),
        ],
    )


def figures(told: Kills) -> dict[str, object]:
    """Return the figures as the benchmark's results have them."""
    return {
        "kills": sum(told.kills.values()),
        "killed": told.kills,
        "ttl_s": TTL_S,
        "cells": told.cells,
        "played_again": told.played_again,
        "busy_after_ttl": told.busy_after_ttl,
        "results_lost": told.results_lost,
        "used_by_two": told.used_by_two,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print_kills(asyncio.run(kill_parts(kills=options.kills, seed=options.seed)))
