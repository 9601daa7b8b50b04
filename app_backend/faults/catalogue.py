"""The faults there are (one model each, whose fields are what it is armed with), and which ones are armed."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app_backend.storage import Operation
from app_backend.text import PLAIN

MAX_DELAY_MS = 60_000

Delay = Annotated[float, Field(gt=0, le=MAX_DELAY_MS, allow_inf_nan=False, description="Milliseconds.")]
EVERY_OPERATION: frozenset[Operation] = frozenset({"put", "get", "delete", "sweep"})


class InjectedFault(BaseModel):
    """Something that goes wrong on purpose; its docstring is what people read about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]


class Lasting(InjectedFault):
    """A fault that strikes at every occasion while it is armed, or as much less often as it says."""

    times: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Disarms itself after so many strikes."
    )
    for_s: float | None = Field(
        default=None, gt=0, le=3600, allow_inf_nan=False, description="Disarms itself after so many seconds."
    )
    share: float = Field(
        default=1.0,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="Strikes at this share of the occasions, evenly spread: 0.5 is every second one.",
    )


class PicturesFail(Lasting):
    """Making renditions fails, for a reason that may be gone at the next attempt."""

    name: ClassVar[str] = "pictures_fail"


class PicturesHang(Lasting):
    """Making renditions never ends: the worker hangs until its deadline."""

    name: ClassVar[str] = "pictures_hang"


class PicturesWorkerKilled(Lasting):
    """The worker process that makes renditions is killed at work."""

    name: ClassVar[str] = "pictures_worker_killed"


class StorageRefuses(Lasting):
    """The storage refuses what it is asked for."""

    name: ClassVar[str] = "storage_refuses"
    operations: frozenset[Operation] = Field(default=EVERY_OPERATION, min_length=1)


class StorageSlow(Lasting):
    """The storage takes longer."""

    name: ClassVar[str] = "storage_slow"
    delay_ms: Delay = 1000
    operations: frozenset[Operation] = Field(default=EVERY_OPERATION, min_length=1)


class StorageFull(Lasting):
    """The storage has no room for another picture; those in it can be read and removed."""

    name: ClassVar[str] = "storage_full"


class RenditionsStale(Lasting):
    """The address of a new picture serves the previous one for a while."""

    name: ClassVar[str] = "renditions_stale"
    stale_s: float = Field(
        default=5, gt=0, le=3600, allow_inf_nan=False, description="Seconds since the upload, per picture."
    )


class DatabaseDropped(Lasting):
    """PostgreSQL ends the connection that is about to send a statement, or a COMMIT."""

    name: ClassVar[str] = "database_dropped"
    at: Literal["statement", "commit"] = "statement"


class ConnectionsDropped(InjectedFault):
    """PostgreSQL ends connections once, at arming: the pools' (idle or at work), or the event listeners'.

    It is the database that does so: all processes on it are struck.
    """

    name: ClassVar[str] = "connections_dropped"
    of: Literal["pool", "listener"] = "pool"


class EventsDelayed(Lasting):
    """Events are held back between the database and their readers; their stamps stay true."""

    name: ClassVar[str] = "events_delayed"
    delay_ms: Delay = 1000


class EventsLost(Lasting):
    """Events never reach the readers of this process."""

    name: ClassVar[str] = "events_lost"


class EventsDoubled(Lasting):
    """Events reach their readers twice."""

    name: ClassVar[str] = "events_doubled"


class ResponsesDelayed(Lasting):
    """Requests are worked on at once, but their answers are held back."""

    name: ClassVar[str] = "responses_delayed"
    delay_ms: Delay = 1000
    path: Annotated[str, PLAIN] = Field(
        default="*",
        min_length=1,
        max_length=200,
        description="Of which paths, as a shell's pattern such as /avatars/*; never of /faults itself.",
    )


CATALOGUE: dict[str, type[InjectedFault]] = {
    kind.name: kind
    for kind in (
        PicturesFail,
        PicturesHang,
        PicturesWorkerKilled,
        StorageRefuses,
        StorageSlow,
        StorageFull,
        RenditionsStale,
        DatabaseDropped,
        ConnectionsDropped,
        EventsDelayed,
        EventsLost,
        EventsDoubled,
        ResponsesDelayed,
    )
}


F = TypeVar("F", bound=InjectedFault)
L = TypeVar("L", bound=Lasting)


class _Armed:
    """A lasting fault that is armed, and what is left of it."""

    def __init__(self, fault: Lasting, now: float) -> None:
        self.fault = fault
        self.until = now + fault.for_s if fault.for_s is not None else math.inf
        self.left = float(fault.times) if fault.times is not None else math.inf
        self._occasions = 0

    def take_occasion(self) -> bool:
        """Count an occasion, and tell whether the fault takes it."""
        before = math.floor(self._occasions * self.fault.share)
        self._occasions += 1
        if math.floor(self._occasions * self.fault.share) == before:
            return False
        self.left -= 1
        return True


class Faults:
    """Arms and disarms faults; who can suffer from one asks here whether it strikes now.

    Kept in this process's memory alone: each process on a database is armed for itself, and a restart disarms
    everything. `clock` gives seconds that never go back.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.struck: Counter[str] = Counter()
        self._clock = clock
        self._armed: dict[type[Lasting], _Armed] = {}
        self._on_arming: dict[type[InjectedFault], Callable[[Any], Awaitable[None]]] = {}

    def on_arming(self, kind: type[F], act: Callable[[F], Awaitable[None]]) -> None:
        """Let a kind of fault strike when it is armed, by `act`, and only then."""
        self._on_arming[kind] = act

    async def arm(self, fault: InjectedFault) -> None:
        """Arm a fault, in the place of one of its kind; one that strikes at once has struck on return."""
        if isinstance(fault, Lasting):
            self._armed[type(fault)] = _Armed(fault, self._clock())
        else:
            await self._on_arming[type(fault)](fault)
            self.struck[fault.name] += 1

    def disarm(self, name: str) -> None:
        """Disarm a fault; one that isn't armed is no error."""
        self._armed = {kind: armed for kind, armed in self._armed.items() if kind.name != name}

    def disarm_all(self) -> None:
        """Disarm everything."""
        self._armed = {}

    def find(self, kind: type[L]) -> L | None:
        """Return how a kind of fault is armed, or None where it isn't (any more)."""
        found = self._armed.get(kind)
        if found is None:
            return None
        if found.left <= 0 or self._clock() >= found.until:
            del self._armed[kind]
            return None
        return found.fault  # type: ignore[return-value]  # kept under its own type

    def strike(self, kind: type[L], *, when: Callable[[L], bool] = lambda _: True) -> L | None:
        """Return a fault that strikes now, and count that; None where none does.

        `when` tells whether this is an occasion for a fault that is armed so.
        """
        fault = self.find(kind)
        if fault is None or not when(fault) or not self._armed[kind].take_occasion():
            return None
        self.struck[kind.name] += 1
        return fault

    def all(self) -> dict[str, InjectedFault | None]:
        """Return every fault there is by its name, and how it is armed."""
        return {
            name: self.find(kind) if issubclass(kind, Lasting) else None for name, kind in CATALOGUE.items()
        }
