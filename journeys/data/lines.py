"""On which line of a TOML file something stands: Python's own reader doesn't say."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from journeys.data.format import Place

_TOKEN: Final = re.compile(
    r'"""(?:\\.|.)*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]', re.DOTALL
)
_PART: Final = r'(?:"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[\w-]+)'
_KEY: Final = re.compile(rf"\s*(\[*)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*[\]=]")


def find_lines(text: str) -> dict[Place, int]:
    """Return the line of each key and each table of a sound TOML document, by its path."""
    lines: dict[Place, int] = {(): 1}
    counts: dict[Place, int] = {}
    table: Place = ()
    for line, statement in _statements(text):
        found = _KEY.match(statement)
        if found is None:
            continue
        if not found[1]:
            path = _resolve(_parts(found[2]), table, {})
        else:
            path = _resolve(_parts(found[2]), (), counts)
            if len(found[1]) == 2:
                counts[path] = counts.get(path, 0) + 1
                lines.setdefault(path, line)
                path = (*path, counts[path] - 1)
            table = path
        for end in range(1, len(path) + 1):
            lines.setdefault(path[:end], line)
    return lines


def line_of(path: Place, lines: dict[Place, int]) -> int:
    """Return the line of a path, or that of the innermost place around it that has one."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line on which no value goes on that began above it; as long as the statement is."""
    begin, depth = 0, 0
    for token in _TOKEN.finditer(text + "\n"):
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
            case "\n" if depth <= 0:
                yield text.count("\n", 0, begin) + 1, text[begin : token.start()]
                begin, depth = token.end(), 0


def _parts(key: str) -> list[str]:
    """Return what a dotted key is made of, as TOML has it."""
    inner: Any = tomllib.loads(f"{key} = 0")
    parts: list[str] = []
    while isinstance(inner, dict):
        parts += inner
        inner = inner[parts[-1]]
    return parts


def _resolve(parts: list[str], above: Place, counts: dict[Place, int]) -> Place:
    """Return the path of a key; where a list of tables is on its way, the last one counts."""
    path = above
    for number, part in enumerate(parts, 1):
        path = (*path, part)
        if path in counts and number < len(parts):
            path = (*path, counts[path] - 1)
    return path
