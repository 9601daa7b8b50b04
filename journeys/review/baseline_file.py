"""The one place where the review writes: a baseline in its folder, and what it replaced kept for an undo."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from journeys.errors import UsageError
from journeys.review.errors import Conflict, Gone, Refused, TooLarge, unwritten
from journeys.review.limits import TREE
from journeys.review.pictures import check_screenshot, inside, read_inside
from journeys.review.results import Entry, Results, signature_of
from journeys.snapshots import Baseline, ScreenStatus, read_baseline, remove_baseline, write_baseline
from journeys.whole_file import write_whole

_EARLIER = "earlier"
"""The folder among the results that keeps what approvals replaced."""


def digest(content: bytes) -> str:
    """Return a picture's SHA-256."""
    return sha256(content).hexdigest()


def place_of(results: Results, entry: Entry) -> Path:
    """Return where an entry's baseline lies; raises `Refused` where links lead out of the folder."""
    path = results.baselines.resolve() / entry.path
    for side in (path, path.with_suffix(".json")):
        # What is written replaces a link; a link in the way leads elsewhere all the same, so it is refused.
        if (
            side.is_symlink()
            or inside(results.baselines, str(side.relative_to(results.baselines.resolve()))) != side
        ):
            raise Refused(f"{side} is a link or lies behind one: nothing is written there")
    return path


def approve(results: Results, entry: Entry, *, looked_at: str = "") -> tuple[str, bool]:
    """Write an entry's screenshot as its baseline; return its digest, and whether there was one before.

    Raises `Refused` (its kinds say why), and then the baseline is as it was. `looked_at` is the digest of the
    picture that was approved, where that was seen elsewhere.
    """
    record = entry.record
    picture = read_inside(results.folder, record.actual)
    check_screenshot(picture, record.actual)
    if looked_at and digest(picture) != looked_at:
        raise Conflict(
            f"{entry.path} is not the picture that was approved: the journeys were run again meanwhile"
        )
    semantics = None
    if record.semantics is not None:
        semantics = read_inside(results.folder, record.semantics, largest=TREE)
    path = place_of(results, entry)
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
        raise unwritten(path, error) from error
    return digest(picture), before is not None


def restore(results: Results, entry: Entry, *, written: str, had_baseline: bool) -> None:
    """Put back what an approval replaced; raises `Refused`, and then the baseline is as it was."""
    path = place_of(results, entry)
    now = _read(path)
    if now is None or digest(now.picture) != written:
        raise Conflict(f"{entry.path} was changed after it was approved: it stays as it is")
    before = None
    if had_baseline:
        kept = _kept(results, entry)
        before = _read(kept)
        if before is None:
            raise Gone(f"{kept} isn't there any more: take the earlier baseline from version control")
    try:
        _put_back(path, before)
    except OSError as error:
        with suppress(OSError):
            _put_back(path, now)
        raise unwritten(path, error) from error


def earlier_of(results: Results, entry: Entry) -> Path:
    """Return where the picture is that was the baseline before the last approval."""
    return _kept(results, entry)


def _put_back(path: Path, before: Baseline | None) -> None:
    if before is None:
        remove_baseline(path)
        with suppress(OSError):
            path.parent.rmdir()  # only if it is empty: then the approval had made it
    elif _read(path) != before:
        write_baseline(path, before)


def _check_unchanged(results: Results, entry: Entry, before: Baseline | None) -> None:
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


def _compared(results: Results, entry: Entry) -> Baseline | None:
    record = entry.record
    if record.baseline is None:
        return None
    picture = read_inside(results.folder, record.baseline)
    if record.baseline_semantics is None:
        return Baseline(picture, None)
    return Baseline(picture, read_inside(results.folder, record.baseline_semantics, largest=TREE))


def _keep(results: Results, entry: Entry, before: Baseline | None) -> None:
    if before is None:
        return
    kept = _kept(results, entry)
    kept.parent.mkdir(exist_ok=True)
    write_whole(kept, before.picture, lasting=True)
    if before.semantics is None:
        kept.with_suffix(".json").unlink(missing_ok=True)
    else:
        write_whole(kept.with_suffix(".json"), before.semantics, lasting=True)


def _kept(results: Results, entry: Entry) -> Path:
    return inside(results.folder, f"{_EARLIER}/{entry.id}.png")


def _read(path: Path) -> Baseline | None:
    try:
        return read_baseline(path)
    except UsageError as error:
        raise TooLarge(str(error)) from error
    except OSError as error:
        raise Refused(f"{path} can't be read ({error.strerror})") from error
