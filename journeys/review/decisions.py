"""What reviewers decided, in `decisions.json` beside the results: a second start goes on from there.

    {"format": 1, "revision": 7, "of": "…", "decisions": [
        {"id": "…", "path": "…/….png", "verdict": "approved", "note": "", "by": "…", "at": "…",
         "number": 7, "written": "…", "had_baseline": true}]}

`of` is the digest of the comparison that was decided on: of another one they say nothing.

A file downloaded from the page made by `--static` has the same format, with `actual` (the digest of the
picture that was looked at) in the place of what only a written baseline has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypedDict

from journeys.documents import (
    UnreadableDocument,
    decode_any_json,
    decode_json,
    problem_of_text,
    read_document,
    write_atomically,
)
from journeys.errors import UsageError
from journeys.review.files import MAX_DOCUMENT_BYTES

FORMAT: Final = 1
DECISIONS: Final = "decisions.json"
MAX_AT_ONCE: Final = 10_000
"""Decisions in one request or one file."""
MAX_NOTE: Final = 2000
"""Characters of a note."""


class Choice(StrEnum):
    """What a reviewer says of a screen."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Decision:
    """What was decided of one entry; `number` is larger than that of any decision before it.

    `written` is the digest of the picture that was written, empty for a rejection; `had_baseline` tells
    whether there was one before, which is kept among the results until this is undone.
    """

    id: str
    path: str
    verdict: Choice
    note: str
    by: str
    at: str
    number: int
    written: str = ""
    had_baseline: bool = False


class _DecisionsDocument(TypedDict):
    revision: int
    decisions: list[Decision]


@dataclass(frozen=True)
class DecisionRequest:
    """A decision that somebody asks for.

    `seen` is the number of the decision that they see on the entry, 0 for none, None where they can't know;
    `actual` is the digest of the picture they look at, empty where it is the one in the results.
    """

    id: str
    verdict: Choice
    note: str = ""
    seen: int | None = None
    actual: str = ""


def read_decisions(folder: Path, *, of: str) -> tuple[dict[str, Decision], int]:
    """Return the decisions on a comparison by entry, and the revision; raises `UsageError`."""
    path = folder / DECISIONS
    if not path.exists():
        return {}, 0
    content, document = _read_document(path)
    if document.get("of") != of:
        return {}, 0
    try:
        found = decode_json(content, _DecisionsDocument, nul="replace")
        return {each.id: each for each in found["decisions"]}, found["revision"]
    except UnreadableDocument as error:
        raise UsageError(f"{path} is damaged ({error}): move it away to begin again") from error


def write_decisions(folder: Path, decisions: Iterable[Decision], revision: int, *, of: str) -> None:
    """Write the file whole; raises `OSError`."""
    document = {
        "format": FORMAT,
        "revision": revision,
        "of": of,
        "decisions": [asdict(each) for each in sorted(decisions, key=lambda each: each.number)],
    }
    write_atomically(folder / DECISIONS, json.dumps(document, ensure_ascii=False, indent=1), lasting=True)


def read_requests(path: Path) -> list[DecisionRequest]:
    """Read a file that was downloaded from a static page; raises `UsageError` where it is none."""
    _, document = _read_document(path)
    found = document.get("decisions")
    if not isinstance(found, list) or len(found) > MAX_AT_ONCE:
        raise UsageError(f"{path} has no list of at most {MAX_AT_ONCE} decisions: download it again")
    try:
        return [parse_request(each) for each in found]
    except ValueError as error:
        raise UsageError(f"{path} is damaged ({error}): download it again") from error


def parse_request(value: object) -> DecisionRequest:
    """Return what a JSON object asks for; raises `ValueError` where it isn't sound."""
    if not isinstance(value, Mapping):
        raise ValueError("a decision is an object")  # noqa: TRY004 - what is wrong is what it says
    entry, note, seen, actual = (value.get(name) for name in ("id", "note", "seen", "actual"))
    if not isinstance(entry, str):
        raise ValueError("a decision names its entry")  # noqa: TRY004 - likewise
    note = "" if note is None else note
    if not isinstance(note, str) or len(note) > MAX_NOTE:
        raise ValueError(f"a note is a text of at most {MAX_NOTE} characters")
    if problem := problem_of_text(note):
        raise ValueError(f"a note is a text, and this one has {problem}")
    if seen is not None and (not isinstance(seen, int) or isinstance(seen, bool)):
        raise ValueError("what was seen is a decision's number")
    try:
        choice = Choice(str(value.get("verdict")))
    except ValueError as error:
        raise ValueError("a verdict is approved or rejected") from error
    return DecisionRequest(entry, choice, note.strip(), seen, actual if isinstance(actual, str) else "")


def _read_document(path: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        content = read_document(path, most=MAX_DOCUMENT_BYTES)
        document = decode_any_json(content)
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror or error})") from error
    except UnreadableDocument as error:
        raise UsageError(f"{path} {error}: move it away, or download it again") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UsageError(f"{path} has no decisions that this version knows")
    return content, document
