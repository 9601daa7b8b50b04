"""One try of some entries: a pytest of its own, ended with all it has started when the night stops."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from flutter_bridge import temporary_folder
from journeys.errors import JourneysError
from journeys.nightly.job import EVIDENCE
from journeys.nightly.plan import NightSettings, paths
from journeys.run import Combination, NightlyPart, RunOptions, RunSpec, resolve, write_spec

GRACE_S = 45.0
"""How long a session has to end by itself: servers are stopped, browsers closed, leases given back."""

HURRIED_GRACE_S = 8.0
"""How long it has from the second Ctrl-C on: servers that only it can stop would stay behind."""


class Stop:
    """Set once, with the reason; `by` is the signal it came by, if it did."""

    def __init__(self) -> None:
        self.reason = ""
        self.by: signal.Signals | None = None
        self.again = asyncio.Event()
        self._set = asyncio.Event()

    def __bool__(self) -> bool:
        return self._set.is_set()

    def request(self, reason: str, by: signal.Signals | None = None) -> None:
        """Stop for a reason; the second one means: without waiting any longer."""
        if self._set.is_set():
            self.again.set()
            return
        self.reason, self.by = reason, by
        self._set.set()

    async def wait(self) -> None:
        """Wait until there is a reason."""
        await self._set.wait()


@contextmanager
def stop_on_signals(stop: Stop) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM set `stop` for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    names = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}

    def on_signal(number: int, _frame: FrameType | None) -> None:
        # Through the loop, which may be asleep.
        loop.call_soon_threadsafe(stop.request, names[signal.Signals(number)], signal.Signals(number))

    before = {number: signal.getsignal(number) for number in names}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as for what a shell started in the background
            signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestEnd:
    """How pytest ended; `message` is its last word on why, where it did not play everything."""

    code: int
    message: str


async def play(
    settings: NightSettings,
    number: int,
    cells: Sequence[tuple[str, str]],
    *,
    stop: Stop,
    say: Callable[[str], None],
) -> PytestEnd:
    """Play cells in this order and return how that ended; what came of them is in the try's folder."""
    folder = settings.output / f"attempt-{number}"
    settings.output.mkdir(parents=True, exist_ok=True)
    # It closes with this process, however that ends; pytest ends by it.
    theirs, ours = os.pipe()
    with temporary_folder("night") as handed, os.fdopen(theirs, "rb") as lifeline, os.fdopen(ours, "wb"):
        try:
            spec = _spec(settings, folder, cells, lifeline=theirs)
        except JourneysError as problem:
            return PytestEnd(code=problem.exit_code, message=str(problem))
        # Whoever plays reads the file once, and removes it.
        write_spec(handed / "run.json", spec)
        process = await asyncio.create_subprocess_exec(
            *_command(settings, folder, handed / "run.json", len(cells)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            pass_fds=(theirs,),
            start_new_session=True,
        )
        try:
            lifeline.close()
            return await _wait_for_end(process, settings.output / f"attempt-{number}.log", stop, say)
        finally:
            _end(process.pid, signal.SIGKILL)
            await process.wait()


def holder(settings: NightSettings) -> str:
    """Return in whose name a shard leases devices."""
    return f"{settings.id} {settings.shard}/{settings.shards}"


def _spec(
    settings: NightSettings, folder: Path, cells: Sequence[tuple[str, str]], *, lifeline: int
) -> RunSpec:
    """Resolve what pytest is to play; raises `JourneysError`."""
    options = RunOptions(
        targets_file=str(settings.night.file),
        app_url=settings.addresses.get("app"),
        backend_url=settings.addresses.get("backend"),
        output=str(folder),
        console=True,
    )
    nightly = NightlyPart(
        combinations=tuple(Combination(*cell) for cell in cells),
        store=settings.store,
        holder=holder(settings),
        lifeline=lifeline,
    )
    return resolve(options, settings.configuration.root, prefix="--", nightly=nightly)


def _command(settings: NightSettings, folder: Path, spec: Path, count: int) -> list[str]:
    words = [
        *(sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:playwright"),
        f"--journey-spec={spec}",
        f"--output={folder}",
        # Longest first, and one at a time to the worker that is free: list scheduling.
        *("-n", str(min(settings.workers, count)), "--dist", "load", "--maxschedchunk", "1"),
        *(EVIDENCE[kind] for kind in settings.night.evidence),
        *(("-m", settings.night.markers) if settings.night.markers else ()),
        *settings.more,
    ]
    return [*words, *paths(settings)]


async def _wait_for_end(
    process: asyncio.subprocess.Process, log: Path, stop: Stop, say: Callable[[str], None]
) -> PytestEnd:
    last = [""]

    async def read() -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        with log.open("w", encoding="utf-8") as file:
            async for line in _lines(process.stdout):
                file.write(line + "\n")
                file.flush()
                last[0] = line if line.startswith("journeys: ") else last[0]
                say(line)

    reading = asyncio.create_task(read())
    ended = asyncio.create_task(process.wait())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await _stop(process.pid, ended, stop)
        with suppress(TimeoutError):
            # A process that inherited the pipe may keep it open.
            await asyncio.wait_for(asyncio.shield(reading), 5.0)
        return PytestEnd(code=await ended, message=last[0].removeprefix("journeys: ").removeprefix("error: "))
    finally:
        for task in (reading, ended, stopping):
            task.cancel()
        await asyncio.gather(reading, ended, stopping, return_exceptions=True)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Give the lines of a stream, however long they are."""
    rest = b""
    while piece := await stream.read(2**16):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")


async def _stop(group: int, ended: asyncio.Task[int], stop: Stop) -> None:
    """Have pytest and its workers end as by Ctrl-C; what doesn't is ended, sooner at a second one."""
    _end(group, signal.SIGINT)
    again = asyncio.create_task(stop.again.wait())
    try:
        await asyncio.wait((ended, again), timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED)
        if not (ended.done() or again.done()):
            _end(group, signal.SIGTERM)
            await asyncio.wait((ended, again), timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done() and again.done():
            # Without another signal, which would come into the middle of stopping servers.
            await asyncio.wait((ended,), timeout=HURRIED_GRACE_S)
        if not ended.done():
            _end(group, signal.SIGKILL)
    finally:
        again.cancel()


def _end(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
