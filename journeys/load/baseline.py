"""A stored baseline: how many people were held, and by how much it got slower, as a ratio of one run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from journeys.documents import UnreadableDocument, decode_json, read_document, write_atomically
from journeys.errors import SetupError, UsageError
from journeys.load.results import LoadResult, Range, Regression

SCHEMA = 1
TOLERANCE = 0.2
"""By this share a ratio may be above the baseline's: machines are never twice the same."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run is held against. A ratio says nothing of the machine: both its parts come from one run."""

    schema: int
    scenario: str
    people: int
    ratio_of: str
    ratio: Range


def write_baseline(file: Path, result: LoadResult) -> None:
    """Keep a run as the baseline; raises `UsageError` for one in which nobody was held."""
    if result.people_held is None or result.ratio is None:
        raise UsageError(f"--update-baseline {file}: nobody was held, so there is nothing to keep")
    baseline = Baseline(
        schema=SCHEMA,
        scenario=result.scenario,
        people=result.people_held,
        ratio_of=result.ratio_of,
        ratio=result.ratio,
    )
    write_atomically(file, msgspec.json.format(msgspec.json.encode(baseline), indent=2) + b"\n")


def read_baseline(file: Path) -> Baseline:
    """Return a baseline; raises `SetupError` where it can't be read."""
    hint = "write one with --update-baseline"
    try:
        baseline = decode_json(read_document(file), Baseline)
    except OSError as error:
        raise SetupError(f"--baseline {file}: {error.strerror}: {hint}") from error
    except UnreadableDocument as error:
        raise SetupError(f"--baseline {file}: {error}: {hint}") from error
    if baseline.schema != SCHEMA:
        raise SetupError(f"--baseline {file}: schema {baseline.schema}, expected {SCHEMA}: {hint}")
    return baseline


def compare(result: LoadResult, baseline: Baseline) -> Regression:
    """Return whether a run is worse than its baseline: fewer people held, or slower by more than tolerance.

    `failed` only where the whole interval is above; `inconclusive` where it lies on both sides.
    """
    if result.scenario != baseline.scenario:
        return Regression(verdict="inconclusive", reason=f"the baseline is of {baseline.scenario}")
    held = result.people_held or 0
    if held < baseline.people:
        return Regression(verdict="failed", reason=f"{held} people held, the baseline held {baseline.people}")
    if held > baseline.people or result.ratio is None or result.ratio_of != baseline.ratio_of:
        return Regression(
            verdict="passed" if held > baseline.people else "inconclusive",
            reason=f"{held} people held, the baseline held {baseline.people}; their ratios can't be compared",
        )
    ratio, limit = result.ratio, baseline.ratio.interval.high * (1 + TOLERANCE)
    reason = f"{ratio.low:.2f}–{ratio.interval.high:.2f} times the reference, at most {limit:.2f} expected"
    if ratio.low > limit:
        return Regression(verdict="failed", reason=reason)
    return Regression(verdict="passed" if ratio.interval.high <= limit else "inconclusive", reason=reason)
