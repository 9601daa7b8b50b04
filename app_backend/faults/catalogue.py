"""The faults there are: one model each, whose fields are what it can be armed with."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from app_backend.text import PLAIN

MAX_DELAY_MS = 60_000

Delay = Annotated[float, Field(gt=0, le=MAX_DELAY_MS, allow_inf_nan=False, description="Milliseconds.")]
Operation = Literal["put", "get", "delete", "sweep"]
EVERY_OPERATION: frozenset[Operation] = frozenset({"put", "get", "delete", "sweep"})


class Fault(BaseModel):
    """Something that goes wrong on purpose; its docstring is what people read about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]


class Lasting(Fault):
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


class ConnectionsDropped(Fault):
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


CATALOGUE: dict[str, type[Fault]] = {
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
