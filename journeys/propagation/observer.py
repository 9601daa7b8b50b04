"""Observes one app for all that is expected of it: one stream of frames, one reader of its semantics."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from flutter_bridge import FlutterApp, Frame, Interval, Node, SemanticsMissing, Tree, now
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.observation import Observation
from journeys.propagation.verdict import ObserverError

_In = TypeVar("_In")
_Out = TypeVar("_Out")

MOST_OUTLINES, MOST_LINES, LONGEST_LINE = 12, 60, 120
"""Of what could be read on a screen, as reports have it: the last ones, their lines, a line's characters."""

_CAPACITY_BYTES = 160_000_000
"""A minute of a phone's screen that never stands still."""
_BOX_PACE_S = 0.2
"""How often boxes are read again."""
_SEMANTICS_PACE_S = 0.04
"""How often it is read what the semantics say, which is timed by these reads."""
# A device reads its screen in the very thread that draws what is waited for, and an observer that slows the
# app would measure its own doing.
_READING_SHARE = 0.2
"""The share of an app's time that reading it again and again may take."""
_BEHIND_S = 0.2
"""How long after their pixels the boxes may follow in the semantics."""
_LAG_S = 1.0
"""How far frames may be behind the semantics without a word."""


def outline_of(tree: Tree) -> str:
    """Return what can be read on a screen, a line for each node that says something."""
    lines = [_line_of(node) for node in tree if node.visible and (node.text or node.identifier)]
    more = [f"… {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return "\n".join((*lines[:MOST_LINES], *more))


def _line_of(node: Node) -> str:
    text = " ".join(node.text.split())
    text = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"
    return " ".join(
        (node.role.value, *([repr(text)] * bool(text)), *([f"({node.identifier})"] * bool(node.identifier)))
    )


class FrameBuffer:
    """The frames of one app, undecoded and oldest first, whatever the order they came in.

    The order is that of the earliest moment of each: on a busy machine how late a frame may have been shown
    depends on when it arrived, and says nothing of the others.

    A screen that stands still sends the same bytes again and again: they are kept once, and being the same
    object they are also judged once. When `capacity` bytes are exceeded the oldest frames go; `lost_until` is
    how far. `changed` is when the screen changed last, at the latest.
    """

    def __init__(self, *, capacity: int = _CAPACITY_BYTES) -> None:
        self._capacity = capacity
        self._frames: deque[Frame] = deque()
        self._copies: dict[bytes, tuple[bytes, int]] = {}
        self._held = 0
        self._added = asyncio.Event()
        self._added_last = b""
        self.lost_until = float("-inf")
        self.changed = float("-inf")

    def add(self, frame: Frame) -> None:
        """Keep a frame."""
        encoded, uses = self._copies.get(frame.encoded, (frame.encoded, 0))
        self._copies[encoded] = (encoded, uses + 1)
        if uses == 0:
            self._held += len(encoded)
        if encoded != self._added_last:
            self._added_last, self.changed = encoded, max(self.changed, frame.shown.high)
        place = len(self._frames)
        while place and self._frames[place - 1].shown > frame.shown:
            place -= 1
        self._frames.insert(place, frame if encoded is frame.encoded else replace(frame, encoded=encoded))
        while self._held > self._capacity and len(self._frames) > 1:
            self._forget(self._frames.popleft())
        self._added.set()

    async def next(self) -> None:
        """Wait for one more frame."""
        self._added.clear()
        await self._added.wait()

    def frames_since(self, moment: float) -> list[Frame]:
        """Return the frames from the first that may be from `moment` or later, and the one before it."""
        frames = tuple(self._frames)
        start = next((at for at, frame in enumerate(frames) if frame.shown.high >= moment), len(frames))
        return list(frames[max(0, start - 1) :])

    @property
    def latest(self) -> Frame | None:
        """The newest frame."""
        return self._frames[-1] if self._frames else None

    def _forget(self, frame: Frame) -> None:
        self.lost_until = frame.shown.high
        encoded, uses = self._copies.pop(frame.encoded)
        if uses > 1:
            self._copies[encoded] = (encoded, uses - 1)
        else:
            self._held -= len(encoded)


class Observer:
    """One app, its frames, and what is expected of its surfaces."""

    def __init__(self, app: FlutterApp, expectations: Sequence[Expectation], *, worker: Executor) -> None:
        self.app = app
        self.expectations = tuple(expectations)
        self.buffer = FrameBuffer()
        self.kind = ""
        self.outlines: deque[tuple[Interval, str]] = deque(maxlen=MOST_OUTLINES)
        """What could be read in the app, and when that was found to be another text."""
        self._worker = worker
        self._prepared: set[bytes] = set()
        self._needs_semantics = any(each.subject == "semantics" for each in expectations)
        self._pace_s = _SEMANTICS_PACE_S if self._needs_semantics else _BOX_PACE_S
        self._read_at = float("-inf")

    async def collect(self, streaming: asyncio.Event) -> None:
        """Keep every frame until cancelled; sets `streaming` with the first one."""
        async with self.app.frames() as source:
            self.kind = source.kind
            async for frame in source:
                self.buffer.add(frame)
                streaming.set()
        actor = self.expectations[0].surface.actor
        raise ObserverError(f"{actor}'s stream of frames ({self.kind}) ended while it was watched")

    async def follow(self) -> None:
        """Read the semantics again and again until cancelled."""
        while True:
            # While every frame since the last read looks the same nothing moves, so no box does.
            while self._read_at > self.buffer.changed + _BEHIND_S and self._is_told_by_pixels():
                await self.buffer.next()
            began = now()
            await self.read()
            # No platform tells when its semantics change; each read costs the app time, so not all the time.
            await asyncio.sleep(max(self._pace_s, (now() - began) * (1 / _READING_SHARE - 1)))

    def _is_told_by_pixels(self) -> bool:
        """Whether another read could find nothing new as long as the pixels stay as they are.

        Semantics may change without one that does, and what wasn't found may come late.
        """
        return not self._needs_semantics and all(each.is_on_screen for each in self.expectations)

    async def read(self) -> None:
        """Read the semantics once, for every expectation."""
        began = now()
        try:
            tree = await self.app.semantics(watched=True)
        except SemanticsMissing:
            return  # an app that is just starting again says nothing of its surfaces
        self._read_at = began
        read = Interval(began, now())
        if (text := outline_of(tree)) != (self.outlines[-1][1] if self.outlines else ""):
            self.outlines.append((read, text))
        for expectation in self.expectations:
            expectation.note(read, tree)

    @property
    def lag(self) -> str:
        """How far the frames are behind what was read last, in words; empty where they are not."""
        newest = self.buffer.latest
        if newest is None:
            return "no frame has come yet"
        silent_s, age_s = self._read_at - newest.shown.high, self._read_at - newest.shown.low
        if silent_s >= _LAG_S:
            return f"no new frame has come for {silent_s:.1f} s, while its semantics were read"
        if age_s >= _LAG_S:
            return f"its newest frame may be {age_s:.1f} s old"
        said = self.outlines[-1][0].low if len(self.outlines) > 1 else self.buffer.changed
        # Semantics follow their pixels by some hundredths of a second, which is no lag.
        if min(said - self.buffer.changed, self._read_at - said) >= _LAG_S:
            return f"its semantics changed {self._read_at - said:.1f} s ago, and no pixel has since"
        return ""

    async def next_frame(self, *, within: float) -> None:
        """Wait for one more frame, so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.buffer.next()

    async def observe_latest(self) -> dict[Expectation, Observation | None]:
        """Judge the newest frame only; None where it leaves unclear what a surface shows."""
        newest = self.buffer.latest
        if newest is None:
            return dict.fromkeys(self.expectations)
        return await self._run_in_worker(self._observe, newest)

    async def catch_up(self, since: float, *, at_most: int) -> None:
        """Prepare a few of the frames from `since` on ahead of `observe_since`, while there is time to."""
        ahead = [frame for frame in self.buffer.frames_since(since) if frame.encoded not in self._prepared][
            :at_most
        ]
        self._prepared.update(frame.encoded for frame in ahead)
        await self._run_in_worker(self._prepare, ahead)

    async def observe_since(self, since: float) -> dict[Expectation, list[Observation]]:
        """Judge every frame from `since` on, and the one before, where the surfaces have been until now."""
        frames = self.buffer.frames_since(since)
        await self.read()
        return await self._run_in_worker(self._observe_all, frames)

    async def _run_in_worker(self, work: Callable[[_In], _Out], argument: _In) -> _Out:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, argument)

    def _observe(self, frame: Frame) -> dict[Expectation, Observation | None]:
        decoded = DecodedFrame(frame)
        return {each: each.observe(decoded) for each in self.expectations}

    def _prepare(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            decoded = DecodedFrame(frame)
            for expectation in self.expectations:
                expectation.prepare(decoded)

    def _observe_all(self, frames: Sequence[Frame]) -> dict[Expectation, list[Observation]]:
        self._prepare(frames)
        return {each: each.observe_all(frames) for each in self.expectations}
