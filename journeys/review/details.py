"""What is fetched of an entry once somebody looks at it: its pictures, its semantics, its baseline's history.

The semantics are compared node by node, all of them, where a region's reasons name the root only. The history
is git's: when a baseline was changed, by whom, and how it looked.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from flutter_bridge import Box, Node
from journeys.review.approval import baseline_path_of, earlier_path_of
from journeys.review.files import (
    MAX_PICTURE_BYTES,
    MAX_TREE_BYTES,
    ReviewError,
    TooLarge,
    path_inside,
    read_inside,
)
from journeys.review.results import ComparisonResults, ReviewEntry
from journeys.snapshots import UnreadableTree, tree_from_json
from journeys.snapshots.comparison import (
    describe_movement,
    is_notable,
    match_nodes,
    name_of,
    state_changes,
)

_GIT_TIMEOUT_S: Final = 10.0
_MAX_VERSIONS: Final = 20
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LOG_FORMAT = "%x1e%H%x1f%aI%x1f%an%x1f%s"

_WORDS = {"label": "text", "value": "value", "hint": "hint", "tooltip": "tooltip"}
_MAX_QUOTED = 200


def picture_path(results: ComparisonResults, entry: ReviewEntry, side: str) -> Path:
    """Return the file of an entry's picture; raises `ReviewError` where there is none of that name."""
    record = entry.record
    sides = {"actual": record.actual, "baseline": record.baseline, "difference": record.difference}
    sides |= {f"film-{number}": frame.picture for number, frame in enumerate(record.film)}
    relative = sides.get(side)
    if relative is not None:
        return path_inside(results.folder, relative)
    if side == "baseline":
        # A comparison of reg-cli's keeps no copy: an approval does.
        earlier = earlier_path_of(results, entry)
        return earlier if earlier.exists() else baseline_path_of(results, entry)
    raise ReviewError(f"this screen has no picture called {side!r:.80}")


# --- semantics ---


@dataclass(frozen=True)
class NodeChange:
    """A node that is there on one side only, or is different; `notes` say how."""

    kind: Literal["added", "removed", "changed"]
    node: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SemanticsChanges:
    """The changes in reading order, and how many nodes are the same on both sides."""

    changes: tuple[NodeChange, ...]
    same: int


def semantics_data(results: ComparisonResults, entry: ReviewEntry) -> dict[str, Any]:
    """Return how the semantics differ: `changes`, `same`, and `missing`, a line where that isn't known."""
    record = entry.record
    if record.semantics is None or record.baseline_semantics is None:
        return {"changes": [], "same": 0, "missing": "What one side said isn't known."}
    try:
        before = read_inside(results.folder, record.baseline_semantics, most=MAX_TREE_BYTES)
        after = read_inside(results.folder, record.semantics, most=MAX_TREE_BYTES)
        return asdict(compare_semantics(before, after)) | {"missing": ""}
    except ReviewError as error:
        return {"changes": [], "same": 0, "missing": str(error)}


def compare_semantics(before: bytes, after: bytes) -> SemanticsChanges:
    """Compare the semantics beside two pictures; raises `ReviewError` where one of them can't be read."""
    try:
        baseline, actual = tree_from_json(before), tree_from_json(after)
    except UnreadableTree as error:
        raise ReviewError(f"{error}: run the journeys again") from error
    matches = match_nodes(actual, baseline)
    partners = {id(ours): theirs for ours, theirs in matches.pairs}
    place = {id(node): number for number, node in enumerate(baseline)}
    added = {id(node) for node in matches.added}
    missing = sorted(filter(is_notable, matches.missing), key=lambda node: place[id(node)])
    changes: list[NodeChange] = []
    same = 0
    for node in filter(is_notable, actual):
        if id(node) in added:
            changes.append(NodeChange("added", name_of(node)))
            continue
        partner = partners.get(id(node))
        if partner is None:
            continue
        # What is missing stands where it was read.
        while missing and place[id(missing[0])] < place[id(partner)]:
            changes.append(NodeChange("removed", name_of(missing.pop(0))))
        notes = tuple(_notes(node, partner))
        if notes:
            changes.append(NodeChange("changed", name_of(partner), notes))
        else:
            same += 1
    changes += (NodeChange("removed", name_of(node)) for node in missing)
    return SemanticsChanges(tuple(changes), same)


def _notes(ours: Node, theirs: Node) -> Iterator[str]:
    for name, word in _WORDS.items():
        was, now = (" ".join(getattr(node, name).split())[:_MAX_QUOTED] for node in (theirs, ours))
        if was != now:
            yield f"{word} was “{was}”, is “{now}”"
    yield from (sentence for _, sentence in state_changes(ours, theirs))
    yield from _place_notes(ours.box, theirs.box)


def _place_notes(ours: Box, theirs: Box) -> Iterator[str]:
    right, down = (round(by, 1) for by in (ours.left - theirs.left, ours.top - theirs.top))
    if right or down:
        yield f"moved {describe_movement(right, down)[0]}"
    was, now = (f"{round(box.width, 1):g}×{round(box.height, 1):g}" for box in (theirs, ours))
    if was != now:
        yield f"was {was} px, is {now} px"


# --- history ---


@dataclass(frozen=True)
class BaselineVersion:
    """A commit that changed a baseline; `date` is RFC 3339. `removed` is one that took it away."""

    commit: str
    date: str
    author: str
    subject: str
    removed: bool = False


@dataclass(frozen=True)
class BaselineHistory:
    """The newest versions first; `missing` says in a line why there are none."""

    versions: tuple[BaselineVersion, ...] = ()
    missing: str = ""


def history_data(results: ComparisonResults, entry: ReviewEntry) -> dict[str, Any]:
    """Return the versions of a baseline, the newest first, and `missing`, a line where there are none."""
    try:
        return asdict(read_history(baseline_path_of(results, entry)))
    except ReviewError as error:
        return {"versions": [], "missing": str(error)}


def read_history(path: Path) -> BaselineHistory:
    """Return the versions of a baseline that git knows, at most twenty."""
    try:
        log = _git(
            path.parent,
            *("log", f"--max-count={_MAX_VERSIONS}", "--no-show-signature", f"--format={_LOG_FORMAT}"),
            *("--name-status", "--no-renames", "--", path.name),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return BaselineHistory(missing=_explain_no_history(path, error))
    versions = tuple(
        _parse_version(record) for record in log.decode(errors="replace").split("\x1e") if record.strip()
    )
    return BaselineHistory(versions, "" if versions else "This baseline isn't committed yet.")


def read_version(path: Path, commit: str) -> bytes:
    """Return the picture a baseline was after a commit; raises `ReviewError`."""
    if not _COMMIT.fullmatch(commit):
        raise ReviewError("a version is named by its whole commit")
    try:
        size = int(_git(path.parent, "cat-file", "-s", f"{commit}:./{path.name}"))
        if size > MAX_PICTURE_BYTES:
            raise TooLarge(f"{path.name} of {commit[:8]} has more than {MAX_PICTURE_BYTES // 2**20} MiB")
        return _git(path.parent, "cat-file", "blob", f"{commit}:./{path.name}")
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ReviewError(f"git has no {path.name} of {commit[:8]}") from error


def _explain_no_history(path: Path, error: Exception) -> str:
    if not path.parent.is_dir():
        return "This baseline isn't there yet."
    if isinstance(error, subprocess.TimeoutExpired):
        return "git took too long to tell the history."
    if isinstance(error, subprocess.CalledProcessError):
        message = error.stderr.decode(errors="replace")
        if "not a git repository" in message:
            return "The baselines are not in a git repository: no history."
        if "does not have any commits" in message:
            return "The repository has no commits yet."
        return "git can't tell the history."
    return "There is no git on this machine: no history."


def _parse_version(record: str) -> BaselineVersion:
    head, _, files = record.strip("\n").partition("\n")
    commit, date, author, subject = head.split("\x1f", 3)
    return BaselineVersion(commit, date, author, subject[:200], files.strip().startswith("D"))


def _git(folder: Path, *words: str) -> bytes:
    # No pager, no editor, no question; and what a repository's configuration could start is not asked for.
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    done = subprocess.run(  # noqa: S603 - our own words, and a file's name after --
        ["git", "--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", *words],  # noqa: S607 - the machine's git
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_GIT_TIMEOUT_S,
    )
    return done.stdout
