"""Reads a table of a TOML file by the types its keys must have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from journeys.documents import (
    UnreadableDocument,
    decode_toml,
    problem_in,
    problem_of_text,
    read_document,
    shown,
    shown_key,
)
from journeys.errors import SetupError, nearest

MOST_BYTES = 4 * 2**20
"""Of a TOML file: one that people write has some thousand."""

LONGEST = 100_000
"""Characters of one text."""

LONGEST_NAME, LONGEST_PATH = 255, 1_000
"""Bytes of a file's name, and characters of a path: more is no file's on any system."""

LARGEST = 1e9
"""No number of a setting is farther from 0."""


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file; raises `FileNotFoundError`, or `SetupError` where it can't be read."""
    try:
        return decode_toml(read_document(file, most=MOST_BYTES))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SetupError(f"{file}: can't be read as TOML ({error.strerror or error})") from error
    except UnreadableDocument as error:
        raise SetupError(f"{file}: can't be read as TOML: {error}") from error


class Table:
    """A table of a file that refuses wrong types and, in the end, every key nobody asked for.

    What may be of any kind holds no NUL, no number that is none, and few levels. Each method returns the
    value of one key; raises `SetupError` with file, table and key where it is missing (and has no default) or
    of another type.
    """

    def __init__(self, values: object, file: Path, where: str) -> None:
        self._file = file
        self._where = where
        self._asked: set[str] = set()
        if not isinstance(values, dict):
            raise SetupError(f"{file}: {where}: expected a table, found {_kind(values)}")
        self._values = values

    def error(self, key: str, problem: str) -> SetupError:
        """Return the error for a key; its text says where the key is."""
        where = f"{self._where}.{shown_key(key)}".lstrip(".")
        return SetupError(f"{self._file}: {where}: {problem}")

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as asked for."""
        self._asked.add(key)
        return key in self._values

    def refuse_the_rest(self) -> None:
        """Raise for the first key nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                raise self.error(key, f"unknown key: {nearest(key, self._asked)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string that is not empty."""
        value = self._value(key, default)
        if not isinstance(value, str) or not value:
            raise self._unexpected(key, "a string", value)
        return self._sound(key, value)

    def text_or_none(self, key: str) -> str | None:
        """Return a string that is not empty, or None where the key is missing."""
        return self.text(key) if self.has(key) else None

    def one_of(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """Return a string that is one of some."""
        value = self.text(key, default)
        if value not in choices:
            raise self.error(key, f"unknown {key} {shown(value)}: {nearest(value, choices)}")
        return value

    def texts(self, key: str, default: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._value(key, None if default is None else list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._unexpected(key, "a list of strings", value)
        return tuple(self._sound(f"{key}[{index}]", each) for index, each in enumerate(value))

    def number(self, key: str, default: float) -> float:
        """Return a number; infinity and what is no number are none."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._unexpected(key, "a number", value)
        if not abs(value) <= LARGEST:
            raise self._unexpected(key, f"a number of at most {LARGEST:,.0f}", value)
        return float(value)

    def number_or_none(self, key: str) -> float | None:
        """Return a number, or None where the key is missing."""
        return self.number(key, 0.0) if self.has(key) else None

    def whole(self, key: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to `most`."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise self._unexpected(key, f"a whole number from 1 to {most}", value)
        return value

    def folder(self, key: str, root: Path) -> Path | None:
        """Return the path of a folder, relative to `root`; that it is there is seen when it is needed."""
        return root / self.path(key) if self.has(key) else None

    def path(self, key: str) -> str:
        """Return a string that a file system takes as a path, there yet or not."""
        return self._checked_path(key, self.text(key))

    def paths(self, key: str, default: Iterable[str]) -> tuple[str, ...]:
        """Return a list of paths, with what pytest takes behind a `::` in them."""
        found = self.texts(key, default)
        return tuple(self._checked_path(f"{key}[{index}]", each) for index, each in enumerate(found))

    def port(self, key: str) -> int | None:
        """Return a port, or None where the key is missing."""
        self._asked.add(key)
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65535:
            raise self._unexpected(key, "a port from 1 to 65535", value)
        return value

    def day(self, key: str) -> date:
        """Return a day, written as TOML's date or as a string."""
        value = self._value(key, None)
        try:
            if isinstance(value, date) and not isinstance(value, datetime):
                return value
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise self._unexpected(key, "a day such as 2026-12-01", value) from None

    def is_text(self, key: str) -> bool:
        """Whether a key's value is a string, where it may be something else as well."""
        return isinstance(self._values.get(key), str)

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is missing."""
        value = self._value(key, default=False)
        if not isinstance(value, bool):
            raise self._unexpected(key, "true or false", value)
        return value

    def texts_by_key(self) -> dict[str, str]:
        """Return the whole table, where all of its values are strings."""
        return {key: self.text(key) for key in self._values}

    def mapping(self, key: str) -> dict[str, str]:
        """Return a table of strings; empty where the key is missing."""
        value = self._value(key, {})
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise self._unexpected(key, "a table of strings", value)
        return {self._sound(key, name): self._sound(f"{key}.{name}", each) for name, each in value.items()}

    def tree(self, key: str) -> dict[str, object]:
        """Return a table of anything TOML has; empty where the key is missing."""
        value = self.values_by_name(key)
        problem = problem_in(value)
        if problem is not None:
            raise self.error(f"{key}{problem[0]}", problem[1])
        return value

    def values_by_name(self, key: str) -> dict[str, object]:
        """Return what is in a table, each to be read by `inner`; empty where the key is missing."""
        value = self._value(key, {})
        if not isinstance(value, dict):
            raise self._unexpected(key, "a table", value)
        return dict(value)

    def named_tables(self, key: str) -> dict[str, Table]:
        """Return the tables in a table, by their names; empty where the key is missing."""
        return {name: self.inner(key, name, each) for name, each in self.values_by_name(key).items()}

    def table(self, key: str) -> Table:
        """Return a table in this one; an empty one where the key is missing."""
        return Table(self.values_by_name(key), self._file, f"{self._where}.{key}".lstrip("."))

    def inner(self, key: str, name: str, values: object) -> Table:
        """Return one of the tables in a table; raises where it is none."""
        return Table(values, self._file, f"{self._where}.{key}.{shown_key(name)}".lstrip("."))

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables; empty where the key is missing."""
        value = self._value(key, [])
        if not isinstance(value, list):
            raise self._unexpected(key, "a list of tables", value)
        return [Table(each, self._file, f"{self._where}.{key}[{index}]") for index, each in enumerate(value)]

    def _value(self, key: str, default: object) -> object:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        return value

    def _sound(self, key: str, text: str) -> str:
        if len(text) > LONGEST:
            raise self.error(key, f"has {len(text):,} characters, of which {LONGEST:,} are allowed")
        if problem := problem_of_text(text):
            raise self.error(key, f"has {problem}")
        return text

    def _checked_path(self, key: str, path: str) -> str:
        names = path.partition("::")[0].split("/")
        if any(len(name.encode()) > LONGEST_NAME for name in names) or len(path) > LONGEST_PATH:
            raise self.error(key, f"{shown(path)} is no path: no file's name is that long")
        return path

    def _unexpected(self, key: str, expected: str, value: object) -> SetupError:
        return self.error(key, f"expected {expected}, found {_kind(value)}")


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return shown(value)
