"""The one place where the review writes: a baseline in its folder, and what it replaced kept for an undo."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

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
    folder = results.baselines.resolve()
    path = folder / entry.path
    for side in (path, path.with_suffix(".json")):
        # What is written replaces a link; a link in the way leads elsewhere all the same, so it is refused.
        if side.is_symlink() or path_inside(folder, str(side.relative_to(folder))) != side:
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
    semantics = _read_semantics(results, record.semantics)
    path = baseline_path_of(results, entry)
    before = _read(path)
    if before is not None and before.picture == picture:
        # Approved by other means, or by us just before we were killed: what it was is among the results.
        before = _read_compared(results, entry)
    else:
        _check_unchanged(results, entry, before)
    try:
        if before is not None:
            write_baseline(earlier_path_of(results, entry), before)
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
        earlier = earlier_path_of(results, entry)
        before = _read(earlier)
        if before is None:
            raise Gone(f"{earlier} isn't there any more: take the earlier baseline from version control")
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
        compared = _read_compared(results, entry)
        if before is None:
            raise Conflict(f"{entry.path} was removed since the comparison: {again}")
        if compared is not None and before.picture != compared.picture:
            raise Conflict(f"{entry.path} was changed on disk since the comparison: {again}")
    elif record.status is ScreenStatus.NEW:
        if before is not None:
            raise Conflict(f"{entry.path} was made by somebody else since the comparison: {again}")
    elif signature_of(results.baselines / entry.path) != entry.found:
        raise Conflict(f"{entry.path} was changed on disk since this review began: {again}")


def _read_compared(results: ComparisonResults, entry: ReviewEntry) -> Baseline | None:
    record = entry.record
    if record.baseline is None:
        return None
    return Baseline(
        read_inside(results.folder, record.baseline), _read_semantics(results, record.baseline_semantics)
    )


def _read_semantics(results: ComparisonResults, relative: str | None) -> bytes | None:
    return None if relative is None else read_inside(results.folder, relative, most=MAX_TREE_BYTES)


def _read(path: Path) -> Baseline | None:
    try:
        return read_baseline(path)
    except UsageError as error:
        raise TooLarge(str(error)) from error
    except OSError as error:
        raise ReviewError(f"{path} can't be read ({error.strerror})") from error
