"""A folder of results as the review takes it: what was compared, and where an approval is to be written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from journeys.errors import UsageError
from journeys.review.files import MAX_DOCUMENT_BYTES, digest_of, path_inside, size_of
from journeys.review.reg_json import REG_NAMES, read_reg_json
from journeys.snapshots import (
    RECORD,
    Orphans,
    ScreenRecord,
    ScreenStatus,
    baseline_path,
    find_orphans,
    read_record,
)

Signature = tuple[int, int] | None
"""A file's size in bytes and when it was changed, in nanoseconds; None where there is none."""


@dataclass(frozen=True)
class ReviewEntry:
    """One screen to look at.

    `path` is where its baseline lies in the baselines' folder. `found` is the baseline's signature as the
    review began, which tells a changed one where the run kept no copy. `problems` are lines for people.
    """

    id: str
    path: PurePosixPath
    record: ScreenRecord
    found: Signature
    problems: tuple[str, ...] = ()

    @property
    def has_difference(self) -> bool:
        """Whether there is anything to decide."""
        return self.record.status is not ScreenStatus.SAME


@dataclass(frozen=True)
class ComparisonResults:
    """What a run left, and the folder of the baselines.

    `source` is the file it was read from, `signature` and `digest` (SHA-256) that file's as it was read.
    """

    folder: Path
    baselines: Path
    source: Path
    signature: Signature
    digest: str
    entries: tuple[ReviewEntry, ...]
    orphans: Orphans

    @property
    def is_of_reg(self) -> bool:
        """Whether these are reg-cli's results, not a run's own."""
        return self.source.name != RECORD

    def is_current(self) -> bool:
        """Whether the file these were read from is still the same."""
        return signature_of(self.source) == self.signature


def signature_of(path: Path) -> Signature:
    """Return what tells a file from a changed one, without reading it."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def read_results(
    place: Path, *, baselines: Path | None = None, project: Path | None = None
) -> ComparisonResults:
    """Read the results in a folder, or in one below it; raises `UsageError` where there are none.

    `place` is a folder, or a `screens.json` or `reg.json` itself. Without `baselines` the folder that the
    results name is taken, but only inside the project (this folder by default): results may come from
    elsewhere, and must not choose where files are written.
    """
    source = _find_source(place)
    signature = signature_of(source)
    if signature is not None and signature[0] > MAX_DOCUMENT_BYTES:
        raise UsageError(f"{source} has more than {MAX_DOCUMENT_BYTES // 2**20} MiB: that is no run's")
    folder = source.parent
    if source.name == RECORD:
        records, recorded = read_record(folder)
        into = _choose_baselines(baselines, recorded, project or Path.cwd())
        orphans = find_orphans(records, into)
        for record in records:
            baseline_path(into, record.key)  # refuses names that no baseline may have
        screens = {record.key.path: record for record in records}
    else:
        compared = read_reg_json(source)
        records = compared.records
        into = _choose_baselines(baselines, compared.expected, project or Path.cwd())
        orphans = Orphans(compared.deleted)
        for record in records:
            path_inside(into, record.key.name)
        screens = {PurePosixPath(record.key.name): record for record in records}
    if len(screens) < len(records):
        raise UsageError(f"{source} names a screen twice: run the journeys again")
    entries = tuple(
        ReviewEntry(
            record.key.id, path, record, signature_of(into / path), tuple(_find_problems(folder, record))
        )
        for path, record in screens.items()
    )
    return ComparisonResults(
        folder, into, source, signature, digest_of(source.read_bytes()), entries, orphans
    )


def _find_source(place: Path) -> Path:
    if place.is_file():
        return place
    if not place.is_dir():
        raise UsageError(f"there is no folder {place}: name the results with --results")
    for folder in (place, place / "screens"):
        for name in (RECORD, *REG_NAMES):
            if (folder / name).is_file():
                return folder / name
    # A run for each target leaves a folder for each: the newest is what somebody wants to look at.
    found = sorted(place.glob(f"*/screens/{RECORD}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise UsageError(f"{place} has no {RECORD} and no reg.json: run journeys that compare screens")
    return found[-1]


def _choose_baselines(wanted: Path | None, recorded: Path, project: Path) -> Path:
    if wanted is not None:
        return wanted.resolve()
    chosen = recorded.resolve()
    if not chosen.is_relative_to(project.resolve()):
        raise UsageError(f"the results name baselines outside this project, in {chosen}: say --baselines DIR")
    return chosen


def _find_problems(folder: Path, record: ScreenRecord) -> Iterator[str]:
    if record.status is ScreenStatus.SAME:
        return
    root = os.path.realpath(folder)
    sides = {"the screenshot": record.actual, "the baseline": record.baseline}
    for name, relative in sides.items():
        if relative is None:
            continue
        path = os.path.realpath(os.path.join(root, relative))  # noqa: PTH118 - of 500 entries: pathlib is slow
        if not path.startswith(root + os.sep):
            yield f"{name} lies outside the results: it is not shown"
        elif size_of(Path(path)) is None:
            yield f"{name} can't be read as a picture"
    if record.baseline_size is not None and record.baseline_size != record.size:
        was, now = ("{}×{}".format(*size) for size in (record.baseline_size, record.size))
        yield f"the size was {was} and is {now}: what both share was compared"
