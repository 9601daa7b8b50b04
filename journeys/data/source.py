"""A scenario's file as far as its version: sound TOML, and where in it everything stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from journeys.data.format import Place
from journeys.data.lines import find_lines, line_of
from journeys.documents import (
    UnreadableDocument,
    decode_toml,
    problem_in,
    quote_key,
    quote_value,
    read_document,
)
from journeys.errors import SetupError

MOST_BYTES: Final = 4 * 2**20
"""Of a scenario's file: thousands of records are a generator's, and few lines."""

_AT_LINE = re.compile(r" ?\(at line (\d+), column \d+\)")
_AT_BYTE = re.compile(r" ?\(byte (\d+)\)")
_AT_END = re.compile(r" ?\(at end of document\)")


class InvalidScenario(SetupError):
    """A scenario can't be used; `problems` are lines, each with file, line, reason and what to do."""

    def __init__(self, problems: list[str]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario's file as it was read: its text, its document, its version."""

    file: Path
    text: str
    document: dict[str, Any]
    version: int

    def error(self, *problems: tuple[Place, str]) -> InvalidScenario:
        """Return an error with a line for each problem, in the order in which they stand in the file."""
        lines = find_lines(self.text)
        ordered = sorted(problems, key=lambda problem: line_of(problem[0], lines))
        return InvalidScenario(
            [f"{self.file}:{line_of(place, lines)}: {_format_place(place)}{what}" for place, what in ordered]
        )


def read_source(file: Path, newest: int) -> Source:
    """Read a scenario's file as far as its version; raises `InvalidScenario`."""
    content = b""
    try:
        content = read_document(file, most=MOST_BYTES)
        document = decode_toml(content)
    except OSError as error:
        raise InvalidScenario([f"{file}: can't be read ({error.strerror or error})"]) from error
    except UnreadableDocument as error:
        raise InvalidScenario([_explain_no_toml(file, content, str(error))]) from error
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    source = Source(file, text, document, 0)
    if problem := problem_in(document):
        raise source.error(
            (parse_place(problem[0]), f"has {problem[1].removeprefix('a key has ')}: take that out")
        )
    version = document.get("version")
    if version is None:
        raise source.error(((), f"has no version: write version = {newest} above everything else"))
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        what = f"{quote_value(version)} is no version: it is a whole number from 1 to {newest}"
        raise source.error((("version",), what))
    if version > newest:
        what = f"{version} is newer than {newest}, the newest known here: update"
        raise source.error((("version",), what))
    return Source(file, text, document, version)


def parse_place(words: str) -> Place:
    """Return the place that stands in words, such as `people[2].picture.size`."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", words)
    return tuple(int(index) if index else name for index, name in parts)


def _format_place(place: Place) -> str:
    """Return a place as it is written, with a colon behind it: `people[2].picture.size: `."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{quote_key(part)}" for part in place)
    return f"{words.removeprefix('.')}: " if place else ""


def _explain_no_toml(file: Path, content: bytes, problem: str) -> str:
    """Return a reader's complaint as a line of ours: it says where in words of its own."""
    line = 0
    if found := _AT_LINE.search(problem):
        line = int(found[1])
    elif found := _AT_BYTE.search(problem):
        line = content.count(b"\n", 0, int(found[1])) + 1
    elif found := _AT_END.search(problem):
        line = content.rstrip().count(b"\n") + 1
    what = problem.replace(found[0], "") if found else problem
    return f"{file}{f':{line}' if line else ''}: can't be read as TOML: {what}; correct that"
