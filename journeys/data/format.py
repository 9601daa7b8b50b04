"""What a kit says about its test data: the records, what they may hold, older versions, who loads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

Place: TypeAlias = tuple[str | int, ...]
"""Where something stands in a scenario: `("people", 2, "picture", "size")`."""

Progress: TypeAlias = Callable[[int, int], None]
"""Takes how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of a scenario, and what to do about it, as the end of a line."""

    place: Place
    what: str


class Unmigratable(ValueError):
    """Another version has no words for what stands at a place; raised by a migration."""

    def __init__(self, place: Place, what: str) -> None:
        super().__init__(what)
        self.place = place


@dataclass(frozen=True, slots=True)
class Migration:
    """The step from a version to the next, and back.

    Both change a document of tomlkit's in place, so that comments stay, and raise `Unmigratable`.
    """

    up: Callable[[Any], None]
    down: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario's content, of the newest version, and the version that its file has."""

    file: Path
    version: int
    content: Any

    @property
    def name(self) -> str:
        """What it is called: its file, without the ending."""
        return self.file.stem


Load: TypeAlias = Callable[[Scenario, str, Progress], Coroutine[None, None, Mapping[str, int]]]
"""Puts a scenario into the backend at an address; returns how many of what: `{"people made": 12}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFormat:
    """A kit's test data.

    `content` is a `msgspec.Struct` with a `version` and lists of records; a record has an `id`, or is told
    from others by all it holds. `migrations` lead from version 1 to the newest, one after the other. `check`
    finds what types can't say. `load` may be called again, and changes nothing then.
    """

    content: type[Any]
    migrations: tuple[Migration, ...] = ()
    check: Callable[[Any], Iterable[Problem]] = lambda _: ()
    load: Load

    @property
    def version(self) -> int:
        """The newest version."""
        return len(self.migrations) + 1


def write_schema(form: DataFormat) -> str:
    """Return the JSON Schema of the newest version, by which editors check, as a file holds it."""
    schema = msgspec.json.schema(form.content)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Scenario, version {form.version}",
    }
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"
