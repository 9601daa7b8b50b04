"""Tells what versions that kept no list have left in a folder, by what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from journeys.documents import UnreadableDocument, decode_json, read_document

_LARGEST = 1024 * 2**20
_EVIDENCE = {".png", ".jpg", ".zip", ".webm", ".log", ".txt", ".json", ".xml"}
_SCREENS = {"screens.json", "reg.json", "decisions.json", "reg", "earlier"}
_OF_A_NIGHT = re.compile(r"night\.json|report|attempt-\d+(\.log|\.cells\.json)?|shard-[\d-]+")


def list_run_files(folder: Path) -> Iterator[str]:
    """Yield the names of what a run has left in a folder for results."""
    if _has_keys(folder / "measure.json", "schema", "repeat", "journeys"):
        yield from ("measure.json", "measure.html")
    if _has_keys(folder / "journeys.json", "schema", "addresses", "journeys"):
        yield "journeys.json"
        for each in folder.iterdir():
            # A test's own folder is named after its file.
            if "-py-" in each.name and _holds_evidence(each):
                yield each.name
        if _begins_as_pytests(folder / "junit.xml"):
            yield "junit.xml"
    screens = folder / "screens"
    if not screens.is_symlink() and screens.is_dir() and all(map(_is_of_screens, screens.iterdir())):
        yield screens.name


def list_night_files(folder: Path) -> Iterator[str]:
    """Yield the names of what a night has left in its folder."""
    if _has_keys(folder / "night.json", "schema", "id", "cells"):
        yield from (each.name for each in folder.iterdir() if _OF_A_NIGHT.fullmatch(each.name))


def _has_keys(file: Path, *keys: str) -> bool:
    try:
        document = decode_json(read_document(file, most=_LARGEST), dict[str, object], nul="replace")
    except (OSError, UnreadableDocument):
        return False
    return document.keys() >= set(keys)


def _begins_as_pytests(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return b'name="pytest' in content.read(200)
    except OSError:
        return False


def _holds_evidence(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(
        each.suffix in _EVIDENCE and each.is_file() and not each.is_symlink() for each in folder.iterdir()
    )


def _is_of_screens(entry: Path) -> bool:
    return entry.name in _SCREENS or (entry / "entry.json").is_file()
