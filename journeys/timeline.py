"""What happens in a journey, as typed events on one clock; reports are made of nothing else.

Event
├── JourneyStarted, JourneyEnded
├── AppReopened             an app whose driver did not answer was opened again
├── ActorJoined             someone takes part, on a target
├── HostUnreached           an app asked for what can't be reached from here
├── PlayedAgain             the journey is played a second time, as the machine was too busy the first time
├── StreamReopened          no frames of an app came, so they were asked for again
├── StepStarted, StepEnded  something a person does or must see
├── Acted                   an app received a person's action
├── Requested               an app asked a server for something
├── Committed               the backend made a change durable
├── CommitUnreported        it reports commits, and had none for some surfaces of a change
├── SurfaceChanged          a surface began to show something else
├── VerdictReached          a surface was held against its budget
├── Filmed                  what an app looked like while a change was watched
├── FaultStarted, FaultEnded  something goes wrong on purpose, and no longer
├── Noticed                 what the app told someone meanwhile
├── Recovered               all was well again after a fault
├── DataChecked             whether what was saved outlived the fault
└── ScreenCompared          a screen was held against its baseline
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor, isinf
from pathlib import Path
from typing import Literal, TypeVar

from flutter_bridge import Box, Interval, now


class Status(StrEnum):
    """How a journey ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


Cause = Literal["", "verdict", "screen", "setup", "infrastructure"]
"""Why a journey did not pass: what the app did, a visual difference, what somebody has to set right, or what
may be tried again. Empty where it passed."""


class Verdict(StrEnum):
    """What a measured interval says of a budget.

    `passed`: the whole interval lies within it. `failed`: the whole interval lies beyond it, or the change
    never appeared, or did not stay. `inconclusive`: the budget lies inside the interval. `error`: the
    observer could not tell old from new, so nothing was certified.
    """

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


class SurfaceState(StrEnum):
    """What one look at a surface shows."""

    OLD = "old"
    NEW = "new"
    OTHER = "other"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened; `at` is `flutter_bridge.now()` in seconds."""

    at: float = field(default_factory=now)


@dataclass(frozen=True, kw_only=True)
class JourneyStarted(Event):
    """A journey began; `id` is its function's name, `targets` say where its actors are played.

    `casting` is how that was asked for: a target's name, or a cast such as `alice=android,bob=web`.
    """

    id: str
    name: str
    priority: str
    targets: tuple[str, ...]
    casting: str = ""


@dataclass(frozen=True, kw_only=True)
class AppReopened(Event):
    """An actor's app was opened again, as what drives it did not answer; nothing had been done in it yet."""

    actor: str
    target: str
    why: str

    @property
    def summary(self) -> str:
        """What happened, in one line."""
        return f"{self.actor}'s app on {self.target} was opened again: {self.why}"


@dataclass(frozen=True, kw_only=True)
class ActorJoined(Event):
    """Someone takes part, on a target."""

    actor: str
    target: str


@dataclass(frozen=True, kw_only=True)
class HostUnreached(Event):
    """An actor's app asked for something on a host that can't be reached: `address` is the first of it."""

    actor: str
    target: str
    address: str


@dataclass(frozen=True, kw_only=True)
class StreamReopened(Event):
    """The frames of an actor's app were asked for again, as none came; nothing had been done to it yet."""

    actor: str
    target: str
    why: str

    @property
    def summary(self) -> str:
        """What happened, in one line."""
        return f"{self.actor}'s frames on {self.target} were asked for again: {self.why}"


@dataclass(frozen=True, kw_only=True)
class PlayedAgain(Event):
    """The journey is played a second time: the machine was too busy to find out anything."""

    why: str

    @property
    def summary(self) -> str:
        """What happened, in one line."""
        return f"played again, as the machine was too busy: {self.why.splitlines()[0]}"


@dataclass(frozen=True, kw_only=True)
class StepStarted(Event):
    """A step began; `depth` is 0 for the journey's own steps, more for steps inside steps."""

    title: str
    depth: int


@dataclass(frozen=True, kw_only=True)
class StepEnded(Event):
    """A step ended; `error` is one line, empty where it went well."""

    title: str
    depth: int
    duration_s: float
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Acted(Event):
    """An app received what a person did, at a moment inside `received`."""

    actor: str
    action: str
    received: Interval


@dataclass(frozen=True, kw_only=True)
class Requested(Event):
    """An actor's app asked a server for something and waited for the answer inside `taken`."""

    actor: str
    request: str
    taken: Interval


@dataclass(frozen=True, kw_only=True)
class Committed(Event):
    """The backend made a change durable at a moment inside `committed`; `source` says how that is known."""

    change: str
    committed: Interval
    source: str


@dataclass(frozen=True, kw_only=True)
class CommitUnreported(Event):
    """A backend that reports commits had none for these surfaces of a change, each named with its key."""

    surfaces: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What happened, in one line."""
        return (
            f"no commit was reported for {', '.join(self.surfaces)}, so that the budget ran from the tap: "
            "check the key, and that the backend reports this change"
        )


@dataclass(frozen=True, kw_only=True)
class SurfaceChanged(Event):
    """A surface began to show something else, at a moment inside `shown`."""

    surface: str
    actor: str
    state: SurfaceState
    shown: Interval


@dataclass(frozen=True, kw_only=True)
class VerdictReached(Event):
    """A surface was held against its budget.

    Latencies are seconds; None where the change never appeared, or not to stay; `fault` names what was amiss
    then, in two words. Where the budget runs from the tap and no commit is known, `commit_to_visible_s` is
    None of what appeared, too. `since` is what the budget ran from, such as `commit` or `tap`, and
    `since_to_visible_s` what was held against it: None where nothing appeared. `commit_to_said_s` is when the
    semantics said it: None for pictures, and where they never did or no commit was reported. `distances` are
    the recogniser's, in bits, of the last old and the first new frame against the new picture, `boxes` the
    surface's in these two, in the frames' own pixels as far as they are known, `shown` when each of them was.
    `machine_busy` says that it is inconclusive because the machine may have made it late.
    """

    surface: str
    actor: str
    target: str
    wanted: str
    budget_s: float
    verdict: Verdict
    reason: str
    commit_to_visible_s: Interval | None
    tap_to_visible_s: Interval | None
    machine_busy: bool = False
    since: str = ""
    since_to_visible_s: Interval | None = None
    commit_to_said_s: Interval | None = None
    fault: str | None = None
    distances: dict[str, int] = field(default_factory=dict)
    last_old_frame: Path | None = None
    first_new_frame: Path | None = None
    boxes: dict[str, Box] = field(default_factory=dict)
    shown: dict[str, Interval] = field(default_factory=dict)
    frames: int = 0
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Filmed(Event):
    """What an actor's app looked like while a change was watched.

    `sheet` is a file with small pictures side by side, each `width` by `height` pixels and shown at a moment
    inside the one of `shown` in its place, the oldest first. `texts` is a file with what could be read in the
    app: a JSON list of texts, each with `after_first_s`, when that was found after the first picture.
    """

    actor: str
    sheet: Path
    width: int
    height: int
    shown: tuple[Interval, ...]
    texts: Path


@dataclass(frozen=True, kw_only=True)
class FaultStarted(Event):
    """Something goes wrong on purpose from now on; `fault` says what, as in `alice is offline`."""

    fault: str


@dataclass(frozen=True, kw_only=True)
class FaultEnded(Event):
    """What went wrong on purpose is over."""

    fault: str


@dataclass(frozen=True, kw_only=True)
class Noticed(Event):
    """What the app told someone while something was wrong; `picture` is a file of their screen then."""

    actor: str
    words: str
    picture: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Recovered(Event):
    """All was well again at a moment inside `took`, in seconds after the last fault's end."""

    what: str
    took: Interval
    within_s: float


@dataclass(frozen=True, kw_only=True)
class DataChecked(Event):
    """Whether something that was saved outlived the fault."""

    what: str
    is_kept: bool


@dataclass(frozen=True, kw_only=True)
class ScreenCompared(Event):
    """A screen was held against its baseline.

    `status` is `same`, `new`, `changed`, `resized` or `unreadable`; `accepted` whether the journey may pass
    by it: it is the same, or its baseline was to be written. `folder` is where its pictures are.
    """

    screen: str
    actor: str
    target: str
    theme: str
    status: str
    summary: str
    accepted: bool
    folder: Path


@dataclass(frozen=True, kw_only=True)
class JourneyEnded(Event):
    """A journey ended; `error` has a line for each thing that went wrong, none where it passed.

    `cause` is whose doing that was.
    """

    id: str
    status: Status
    duration_s: float
    error: str = ""
    cause: Cause = ""


_E = TypeVar("_E", bound=Event)


class Timeline:
    """The events of one journey, in order, handed to every subscriber as they happen."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._subscribers: list[Callable[[Event], None]] = []

    def subscribe(self, subscriber: Callable[[Event], None]) -> None:
        """Call `subscriber` with every event from now on."""
        self._subscribers.append(subscriber)

    def emit(self, event: Event) -> None:
        """Record an event and hand it on."""
        self._events.append(event)
        for subscriber in self._subscribers:
            subscriber(event)

    def __iter__(self) -> Iterator[Event]:
        """Yield what has happened so far."""
        return iter(tuple(self._events))

    def events_of(self, kind: type[_E]) -> list[_E]:
        """Return the events of one kind so far."""
        return [event for event in self._events if isinstance(event, kind)]


def format_count(number: int, what: str) -> str:
    """Write `1 journey`, `2,000 journeys`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def format_duration(seconds: float) -> str:
    """Write how long something takes: `4.2 s`, `12 min`, `7 h 5 min`."""
    if seconds < 60:
        return f"{round(seconds, 1):g} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def format_milliseconds(low: float, high: float) -> str:
    """Write two bounds in seconds as `82–99 ms`, rounded outwards; an infinite one as `82 ms–never`."""
    if isinf(high):
        return f"{floor(_milliseconds(low))} ms–never"
    # Outwards, so that what is printed never claims more than was measured.
    return f"{floor(_milliseconds(low))}–{ceil(_milliseconds(high))} ms"


def _milliseconds(seconds: float) -> Decimal:
    # By the digits one would read: the nearest binary fraction is nobody's measurement.
    return Decimal(str(seconds)) * 1000
