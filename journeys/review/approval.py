"""The one place where the review writes: a baseline in its folder, and what it replaced kept for an undo."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from journeys.atomic_write import write_atomically
from journeys.errors import UsageError
from journeys.review.files import (
    MAX_TREE_BYTES,
    Conflict,
    Gone,
    ReviewError,
    TooLarge,
    check_screenshot,
    digest_of,
    path_inside,
    read_inside,
    write_error,
)
from journeys.review.results import ComparisonResults, ReviewEntry, signature_of
from journeys.snapshots import Baseline, ScreenStatus, read_baseline, remove_baseline, write_baseline

_EARLIER = "earlier"
"""The folder among the results that keeps what approvals replaced."""


def baseline_path_of(results: ComparisonResults, entry: ReviewEntry) -> Path:
    """Return where an entry's baseline lies; raises `ReviewError` where links lead out of the folder."""
    path = results.baselines.resolve() / entry.path
    for side in (path, path.with_suffix(".json")):
        # What is written replaces a link; a link in the way leads elsewhere all the same, so it is refused.
        if (
            side.is_symlink()
            or path_inside(results.baselines, str(side.relative_to(results.baselines.resolve()))) != side
        ):
            raise ReviewError(f"{side} is a link or lies behind one: nothing is written there")
    return path


def approve(results: ComparisonResults, entry: ReviewEntry, *, looked_at: str = "") -> tuple[str, bool]:
    """Write an entry's screenshot as its baseline; return its digest, and whether there was one before.

    Raises `ReviewError` (its kinds say why), and then the baseline is as it was. `looked_at` is the digest of
    the picture that was approved, where that was seen elsewhere.
    """
    record = entry.record
    picture = read_inside(results.folder, record.actual)
    check_screenshot(picture, record.actual)
    if looked_at and digest_of(picture) != looked_at:
        raise Conflict(
            f"{entry.path} is not the picture that was approved: the journeys were run again meanwhile"
        )
    semantics = None
    if record.semantics is not None:
        semantics = read_inside(results.folder, record.semantics, most=MAX_TREE_BYTES)
    path = baseline_path_of(results, entry)
    before = _read(path)
    if before is not None and before.picture == picture:
        # Approved by other means, or by us just before we were killed: what it was is among the results.
        before = _compared(results, entry)
    else:
        _check_unchanged(results, entry, before)
    try:
        _keep(results, entry, before)
        write_baseline(path, Baseline(picture, semantics))
    except OSError as error:
        with suppress(OSError):
            _put_back(path, before)
        raise write_error(path, error) from error
    return digest_of(picture), before is not None


def restore(results: ComparisonResults, entry: ReviewEntry, *, written: str, had_baseline: bool) -> None:
    """Put back what an approval replaced; raises `ReviewError`, and then the baseline is as it was."""
    path = baseline_path_of(results, entry)
    now = _read(path)
    if now is None or digest_of(now.picture) != written:
        raise Conflict(f"{entry.path} was changed after it was approved: it stays as it is")
    before = None
    if had_baseline:
        kept = earlier_path_of(results, entry)
        before = _read(kept)
        if before is None:
            raise Gone(f"{kept} isn't there any more: take the earlier baseline from version control")
    try:
        _put_back(path, before)
    except OSError as error:
        with suppress(OSError):
            _put_back(path, now)
        raise write_error(path, error) from error


def earlier_path_of(results: ComparisonResults, entry: ReviewEntry) -> Path:
    """Return where the picture is that was the baseline before the last approval."""
    return path_inside(results.folder, f"{_EARLIER}/{entry.id}.png")


def _put_back(path: Path, before: Baseline | None) -> None:
    if before is None:
        remove_baseline(path)
        with suppress(OSError):
            path.parent.rmdir()  # only if it is empty: then the approval had made it
    elif _read(path) != before:
        write_baseline(path, before)


def _check_unchanged(results: ComparisonResults, entry: ReviewEntry, before: Baseline | None) -> None:
    again = "run the journeys again before you decide"
    record = entry.record
    if record.baseline is not None:
        compared = _compared(results, entry)
        if before is None:
            raise Conflict(f"{entry.path} was removed since the comparison: {again}")
        if compared is not None and before.picture != compared.picture:
            raise Conflict(f"{entry.path} was changed on disk since the comparison: {again}")
    elif record.status is ScreenStatus.NEW:
        if before is not None:
            raise Conflict(f"{entry.path} was made by somebody else since the comparison: {again}")
    elif signature_of(results.baselines / entry.path) != entry.found:
        raise Conflict(f"{entry.path} was changed on disk since this review began: {again}")


def _compared(results: ComparisonResults, entry: ReviewEntry) -> Baseline | None:
    record = entry.record
    if record.baseline is None:
        return None
    picture = read_inside(results.folder, record.baseline)
    if record.baseline_semantics is None:
        return Baseline(picture, None)
    return Baseline(picture, read_inside(results.folder, record.baseline_semantics, most=MAX_TREE_BYTES))


def _keep(results: ComparisonResults, entry: ReviewEntry, before: Baseline | None) -> None:
    if before is None:
        return
    kept = earlier_path_of(results, entry)
    kept.parent.mkdir(exist_ok=True)
    write_atomically(kept, before.picture, lasting=True)
    if before.semantics is None:
        kept.with_suffix(".json").unlink(missing_ok=True)
    else:
        write_atomically(kept.with_suffix(".json"), before.semantics, lasting=True)


def _read(path: Path) -> Baseline | None:
    try:
        return read_baseline(path)
    except UsageError as error:
        raise TooLarge(str(error)) from error
    except OSError as error:
        raise ReviewError(f"{path} can't be read ({error.strerror})") from error
