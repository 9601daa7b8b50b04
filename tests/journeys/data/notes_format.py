"""A format of the tests' own: notes, whose colour was a number in the first version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from journeys.data import DataFormat, Migration, Problem, Progress, Scenario, Unmigratable

COLOURS = ["red", "green", "blue"]


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    text: str
    colour: Literal["red", "green", "blue", "clear"] = "red"
    tags: list[str] = []


class Notes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    notes: list[Note] = []


def name_colours(document: Any) -> None:
    for note in document.get("notes", ()):
        if "colour" in note:
            note["colour"] = COLOURS[note["colour"]]


def number_colours(document: Any) -> None:
    for index, note in enumerate(document.get("notes", ())):
        if note.get("colour") == "clear":
            raise Unmigratable(("notes", index, "colour"), "no number is clear")
        if "colour" in note:
            note["colour"] = COLOURS.index(note["colour"])


def check(content: Notes) -> Iterator[Problem]:
    for index, note in enumerate(content.notes):
        if "?" in note.text:
            yield Problem(("notes", index, "text"), "asks something: make it a statement")


async def load(scenario: Scenario, url: str, progress: Progress) -> Mapping[str, int]:
    progress(1, 1)
    return {f"notes sent to {url}": len(scenario.content.notes)}


FORMAT = DataFormat(
    content=Notes, migrations=(Migration(up=name_colours, down=number_colours),), check=check, load=load
)
