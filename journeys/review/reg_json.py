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
from typing import Any, Final
from urllib.parse import unquote

from journeys.errors import UsageError
from journeys.review.orphans import Orphans
from journeys.review.pictures import size_of
from journeys.screens import ScreenKey, ScreenRecord, ScreenStatus
from journeys.whole_file import write_whole

REG_NAMES: Final = ("reg.json", "out.json")
"""What reg-cli calls it, and what reg-suit does."""

_NONE = Orphans()
_LISTS = (
    "failedItems",
    "newItems",
    "deletedItems",
    "passedItems",
    "expectedItems",
    "actualItems",
    "diffItems",
)
_FOLDERS = ("actualDir", "expectedDir", "diffDir")


@dataclass(frozen=True)
class RegComparison:
    """What a `reg.json` tells: records whose key's name is the item, and the expected pictures' folder."""

    records: list[ScreenRecord]
    deleted: tuple[PurePosixPath, ...]
    expected: Path


def read_reg_json(source: Path) -> RegComparison:
    """Read a `reg.json`; raises `UsageError` where it is none."""
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{source} can't be read ({error.strerror})") from error
    except ValueError as error:
        raise UsageError(f"{source} is no JSON: compare again") from error
    if not _is_reg(document):
        raise UsageError(
            f"{source} is no result of reg-cli: it lacks {' or '.join((*_LISTS[:4], *_FOLDERS))}"
        )
    folder = source.parent
    actual, expected, difference = (unquote(document[name]) for name in _FOLDERS)
    differences = set(document.get("diffItems", document["failedItems"]))
    records = []
    for status, name in (
        (ScreenStatus.CHANGED, "failedItems"),
        (ScreenStatus.NEW, "newItems"),
        (ScreenStatus.SAME, "passedItems"),
    ):
        for item in document[name]:
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
        document[name] = _common_folder(items[side], side) or _linked(folder, items[side], side)
    path = folder / REG_NAMES[0]
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1))
    return path


def _is_reg(document: object) -> bool:
    return (
        isinstance(document, dict)
        and all(isinstance(document.get(name), str) for name in _FOLDERS)
        and all(
            isinstance(document.get(name, []), list)
            and all(isinstance(item, str) and item for item in document.get(name, []))
            for name in _LISTS
        )
        and all(name in document for name in _LISTS[:4])
    )


def _common_folder(records: Sequence[ScreenRecord], side: str) -> str | None:
    """Return the folder below which every picture lies by its baseline's path, None where there is none."""
    if not records:
        return side
    tail = f"/{records[0].key.path}"
    folder = str(getattr(records[0], side)).removesuffix(tail)
    fits = all(getattr(record, side) == f"{folder}/{record.key.path}" for record in records)
    return folder if fits else None


def _linked(folder: Path, records: Sequence[ScreenRecord], side: str) -> str:
    for record in records:
        source = folder / str(getattr(record, side))
        link = folder / "reg" / side / record.key.path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(source, link.parent))
    return f"reg/{side}"
