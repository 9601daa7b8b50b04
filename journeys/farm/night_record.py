"""What became of a night, as `night.json` has it: what runs, merges, the history and the report share."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from journeys.report import JourneyRecord
from journeys.report.record import Outcome, Seconds
from journeys.timeline import Cause

SCHEMA = 1

CellStatus = Literal["passed", "failed", "inconclusive", "error", "not run"]
"""`not run`: the night was cut short, or the cell's target could not be used at all."""

MOST_SHARDS = 1000
"""A night is dealt out to."""

Shard = Annotated[int, Meta(ge=1, le=MOST_SHARDS)]


class QuarantineRecord(TypedDict):
    """Who answers for a journey known to be flaky, why, and until which day (ISO 8601)."""

    owner: str
    reason: str
    until: str


class AttemptRecord(TypedDict):
    """One try of a cell; `results` is its run's folder, relative to the folder of night.json.

    `evidence` is the folder in it with the try's own files; left out where it has left none.
    """

    number: int
    status: Outcome
    cause: Cause
    error: str
    started_at: str
    duration_s: Seconds
    worker: str
    devices: list[str]
    results: str
    evidence: NotRequired[str]
    record: JourneyRecord | None


class CellRecord(TypedDict):
    """One journey on one casting, with all its attempts; status and cause are those of the last one."""

    journey: str
    name: str
    priority: str
    casting: str
    status: CellStatus
    cause: Cause
    error: str
    expected_s: Seconds
    shard: Shard
    quarantine: QuarantineRecord | None
    attempts: list[AttemptRecord]


class TargetRecord(TypedDict):
    """One target of the night; `error` is why nothing could be played there, empty where something could."""

    name: str
    platform: str
    provider: str
    devices: list[str]
    error: str


class LogRecord(TypedDict):
    """A trace, a video, a device's or a server's log; `cell` is empty for one of the whole night."""

    kind: str
    cell: str
    path: str


class NightRecord(TypedDict):
    """A night, or one shard of it, or several merged; times are RFC 3339 in UTC, numbers in `_s` seconds.

    `shards` says which of how many are in it: `[1, 2, 5]` of 5. `error` is why it was cut short.
    `whole_cells` is how many cells the night has in all its shards together. `targets_file` is the nightly
    job's file, as seen from the project's folder.
    """

    schema: int
    id: str
    name: str
    started_at: str
    finished_at: str
    duration_s: Seconds
    status: CellStatus
    error: str
    revision: str
    branch: str
    shards: Annotated[list[Shard], Meta(min_length=1)]
    shard_count: Shard
    workers: int
    planned_s: Seconds
    whole_cells: NotRequired[int]
    targets_file: NotRequired[str]
    expired: list[str]
    unmatched: NotRequired[list[str]]
    targets: list[TargetRecord]
    cells: list[CellRecord]
    logs: list[LogRecord]
