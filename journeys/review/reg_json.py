"""`reg.json`, the results of reg-cli and reg-suit: read where there is nothing else, written beside ours.

Each item is a picture's path below three folders: `actualDir`, `expectedDir` and `diffDir`, which are
relative to the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, NotRequired, TypedDict
from urllib.parse import unquote

from msgspec import Meta

from journeys.documents import (
    UnreadableDocument,
    decode_json,
    problem_of_text,
    read_document,
    write_atomically,
)
from journeys.errors import UsageError
from journeys.review.files import MAX_DOCUMENT_BYTES, size_of
from journeys.snapshots import Orphans, ScreenKey, ScreenRecord, ScreenStatus

REG_NAMES: Final = ("reg.json", "out.json")
"""What reg-cli calls it, and what reg-suit does."""

_NONE = Orphans()

Item = Annotated[str, Meta(min_length=1)]

_FOLDERS: Final = ("actualDir", "expectedDir", "diffDir")


class _RegDocument(TypedDict):
    failedItems: list[Item]
    newItems: list[Item]
    deletedItems: list[Item]
    passedItems: list[Item]
    expectedItems: NotRequired[list[Item]]
    actualItems: NotRequired[list[Item]]
    diffItems: NotRequired[list[Item]]
    actualDir: str
    expectedDir: str
    diffDir: str


@dataclass(frozen=True)
class RegComparison:
    """What a `reg.json` tells: records whose key's name is the item, and the expected pictures' folder."""

    records: list[ScreenRecord]
    deleted: tuple[PurePosixPath, ...]
    expected: Path


def read_reg_json(source: Path) -> RegComparison:
    """Read a `reg.json`; raises `UsageError` where it is none."""
    try:
        content = read_document(source, most=MAX_DOCUMENT_BYTES)
        document = decode_json(content, _RegDocument)
    except OSError as error:
        raise UsageError(f"{source} can't be read ({error.strerror or error})") from error
    except UnreadableDocument as error:
        raise UsageError(f"{source} is no result of reg-cli ({error}): compare again") from error
    folder = source.parent
    folders = {name: unquote(document[name]) for name in _FOLDERS}
    for name, path in folders.items():
        if problem := problem_of_text(path):
            raise UsageError(f"{source} is no result of reg-cli ({name} has {problem}): compare again")
    actual, expected, difference = folders.values()
    differences = set(document.get("diffItems", document["failedItems"]))
    records = []
    for status, items in (
        (ScreenStatus.CHANGED, document["failedItems"]),
        (ScreenStatus.NEW, document["newItems"]),
        (ScreenStatus.SAME, document["passedItems"]),
    ):
        for item in items:
            picture = f"{actual}/{item}"
            size = size_of(folder / picture) or (0, 0)
            is_new = status is ScreenStatus.NEW
            records.append(
                ScreenRecord(
                    key=ScreenKey(str(PurePosixPath(item).parent), item, "", ""),
                    status=status,
                    actor="",
                    summary="no picture is expected here yet" if is_new else "",
                    size=size,
                    actual=picture,
                    # The expected picture is in the baselines' folder itself: there is no copy of it.
                    baseline_size=None if is_new else size_of(folder / expected / item),
                    difference=f"{difference}/{item}" if item in differences and not is_new else None,
                )
            )
    deleted = tuple(PurePosixPath(item) for item in document["deletedItems"])
    return RegComparison(records, deleted, folder / expected)


def write_reg_json(folder: Path, records: Sequence[ScreenRecord], *, orphans: Orphans = _NONE) -> Path:
    """Write `reg.json` beside `screens.json` and return its path; raises `OSError`.

    What is `gone` counts as deleted. Where the pictures of a run don't lie as reg-cli has them, each below
    its folder by the baseline's path, they are linked that way in `reg/`.
    """
    by_status = {
        status: [str(record.key.path) for record in records if record.status is status]
        for status in ScreenStatus
    }
    sides = {"actualDir": "actual", "expectedDir": "baseline", "diffDir": "difference"}
    items = {side: [each for each in records if getattr(each, side) is not None] for side in sides.values()}
    document: dict[str, Any] = {
        "failedItems": [
            *by_status[ScreenStatus.CHANGED],
            *by_status[ScreenStatus.RESIZED],
            *by_status[ScreenStatus.UNREADABLE],
        ],
        "newItems": by_status[ScreenStatus.NEW],
        "deletedItems": [str(path) for path in orphans.gone],
        "passedItems": by_status[ScreenStatus.SAME],
        "expectedItems": [str(each.key.path) for each in items["baseline"]],
        "actualItems": [str(each.key.path) for each in items["actual"]],
        "diffItems": [str(each.key.path) for each in items["difference"]],
    }
    for name, side in sides.items():
        document[name] = _common_folder(items[side], side) or _link_files(folder, items[side], side)
    path = folder / REG_NAMES[0]
    write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1))
    return path


def _common_folder(records: Sequence[ScreenRecord], side: str) -> str | None:
    """Return the folder below which every picture lies by its baseline's path, None where there is none."""
    if not records:
        return side
    tail = f"/{records[0].key.path}"
    folder = str(getattr(records[0], side)).removesuffix(tail)
    fits = all(getattr(record, side) == f"{folder}/{record.key.path}" for record in records)
    return folder if fits else None


def _link_files(folder: Path, records: Sequence[ScreenRecord], side: str) -> str:
    for record in records:
        source = folder / str(getattr(record, side))
        link = folder / "reg" / side / record.key.path
        link.parent.mkdir(parents=True, exist_ok=True)
        if link.is_symlink():  # what is no link was put there by somebody else, and stays
            link.unlink()
        link.symlink_to(os.path.relpath(source, link.parent))
    return f"reg/{side}"
