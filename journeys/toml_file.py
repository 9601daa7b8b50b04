"""Reads tables of TOML files by the types that say what their keys may hold.

The type of a table is a dataclass. A field's type says what its key may have, a field without a default has
to be there, and every key that is no field is refused with the nearest one that is. All errors are one line
with file, table and key in it.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from journeys.documents import (
    UnreadableDocument,
    decode_toml,
    problem_in,
    problem_of_text,
    quote_key,
    quote_value,
    read_document,
)
from journeys.errors import SetupError, name_nearest

T = TypeVar("T")

MAX_FILE_BYTES = 4 * 2**20
"""Of a TOML file: one that people write has some thousand."""

MAX_TEXT_LENGTH = 100_000
"""Characters of one text."""

MAX_NAME_BYTES, MAX_PATH_LENGTH = 255, 1_000
"""Bytes of a file's name, and characters of a path: more is no file's on any system."""

MAX_NUMBER = 1e9
"""No number of a setting is farther from 0."""

FilePath = Annotated[str, "a path"]
"""A string that a file system takes as a path, there yet or not; pytest's `::` may stand in it."""

Port = Annotated[int, msgspec.Meta(ge=1, le=65535, description="a port from 1 to 65535")]

Day = Annotated[date, msgspec.Meta(description="a day such as 2026-12-01")]
"""A day, written as TOML's date or as a string."""


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file; raises `FileNotFoundError`, or `SetupError` where it can't be read."""
    try:
        return decode_toml(read_document(file, most=MAX_FILE_BYTES))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SetupError(f"{file}: can't be read as TOML ({error.strerror or error})") from error
    except UnreadableDocument as error:
        raise SetupError(f"{file}: can't be read as TOML: {error}") from error


@dataclass(frozen=True, slots=True)
class TablePlace:
    """Where a table stands: in which file, and under which name there."""

    file: Path
    name: str = ""

    def inner(self, *keys: str) -> TablePlace:
        """Return the place of a table in this one."""
        return TablePlace(self.file, ".".join(filter(None, (self.name, *map(quote_key, keys)))))

    def error(self, key: str, problem: str) -> SetupError:
        """Return the error for a key; its text says where the key is."""
        return SetupError(f"{self.file}: {self.inner(key).name}: {problem}")


def read_table(values: object, kind: type[T], place: TablePlace, **given: object) -> T:
    """Return a table's values as a dataclass; `given` are the fields that are no keys of it.

    Raises `SetupError` for a key that is missing, unknown, or of another type.
    """
    table = as_table(values, place)
    known = {field.name: (field, hint) for field, hint in _read_fields(kind) if field.name not in given}
    read = dict(given)
    for name, (field, hint) in known.items():
        if name in table:
            read[name] = _read_value(table[name], hint, place, name)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise place.error(name, "is missing")
    refuse_unknown(table, known, place)
    return kind(**read)


def as_table(values: object, place: TablePlace) -> dict[str, object]:
    """Return what is a table; raises `SetupError` where it is none."""
    if not isinstance(values, dict):
        raise SetupError(f"{place.file}: {place.name}: expected a table, found {_describe(values)}")
    return values


def read_inner(values: Mapping[str, object], key: str, place: TablePlace) -> dict[str, object]:
    """Return what is in a table of tables by its name; empty where the key is missing."""
    found = values.get(key, {})
    if not isinstance(found, dict):
        raise _unexpected_error(place, key, "a table", found)
    return found


def read_texts(values: object, place: TablePlace) -> dict[str, str]:
    """Return a table all of whose values are strings."""
    return {key: _read_leaf(each, str, place, key) for key, each in as_table(values, place).items()}


def refuse_unknown(table: Mapping[str, object], known: Iterable[str], place: TablePlace) -> None:
    """Raise for the first key that isn't known."""
    for key in table:
        if key not in known:
            raise place.error(key, f"unknown key: {name_nearest(key, known)}")


def _read_fields(kind: Any) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(field, hints[field.name]) for field in fields(kind)]


def _read_value(value: object, hint: Any, place: TablePlace, key: str) -> Any:
    kind, origin, arguments = (
        _strip_annotation(hint),
        get_origin(_strip_annotation(hint)),
        get_args(_strip_annotation(hint)),
    )
    if origin in {Union, types.UnionType}:
        # TOML has no null; a number may have a word that stands for it.
        *words, kind = (each for each in arguments if each is not types.NoneType)
        return _read_value(value, words[0] if words and isinstance(value, str) else kind, place, key)
    if origin is tuple:
        return _read_list(value, arguments[0], place, key)
    if origin is Mapping:
        return _read_mapping(value, arguments[1], place, key)
    if isinstance(kind, type) and is_dataclass(kind):
        return read_table(_check_kind(value, dict, place, key, "a table"), kind, place.inner(key))
    if kind is Path:
        return place.file.parent / _read_leaf(value, FilePath, place, key)
    read = _read_leaf(value, str if origin is Literal else hint, place, key)
    if origin is Literal and read not in arguments:
        raise place.error(key, f"unknown {key} {quote_value(read)}: {name_nearest(read, arguments)}")
    return read


def _read_list(value: object, inner: Any, place: TablePlace, key: str) -> tuple[Any, ...]:
    of_tables = is_dataclass(inner)
    words = "a list of tables" if of_tables else "a list of strings"
    values = _check_kind(value, list, place, key, words)
    if of_tables:
        where = place.inner(key).name
        return tuple(
            read_table(each, inner, TablePlace(place.file, f"{where}[{index}]"))
            for index, each in enumerate(values)
        )
    if not all(isinstance(each, str) for each in values):
        raise _unexpected_error(place, key, words, value)
    return tuple(_checked_text(each, inner, place, f"{key}[{index}]") for index, each in enumerate(values))


def _read_leaf(value: Any, hint: Any, place: TablePlace, key: str) -> Any:
    kind, expected = _strip_annotation(hint), _describe_type(hint)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is float and is_number and not abs(value) <= MAX_NUMBER:
        raise _unexpected_error(place, key, f"a number of at most {MAX_NUMBER:,.0f}", value)
    try:
        read = msgspec.convert(value, hint)
    except msgspec.ValidationError:
        raise _unexpected_error(place, key, expected, value) from None
    if kind is str:
        if not read:
            raise _unexpected_error(place, key, expected, value)
        return _checked_text(read, hint, place, key)
    return read


def _read_mapping(value: object, inner: Any, place: TablePlace, key: str) -> dict[str, Any]:
    if inner is str:
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise _unexpected_error(place, key, "a table of strings", value)
        return {
            _checked_text(name, str, place, key): _checked_text(each, str, place, f"{key}.{name}")
            for name, each in value.items()
        }
    table: dict[str, Any] = _check_kind(value, dict, place, key, "a table")
    problem = problem_in(table)
    if problem is not None:
        raise place.error(f"{key}{problem[0]}", problem[1])
    return table


def _checked_text(text: str, hint: Any, place: TablePlace, key: str) -> str:
    if len(text) > MAX_TEXT_LENGTH:
        raise place.error(key, f"has {len(text):,} characters, of which {MAX_TEXT_LENGTH:,} are allowed")
    if problem := problem_of_text(text):
        raise place.error(key, f"has {problem}")
    if hint == FilePath:
        names = text.partition("::")[0].split("/")
        if len(text) > MAX_PATH_LENGTH or any(len(name.encode()) > MAX_NAME_BYTES for name in names):
            raise place.error(key, f"{quote_value(text)} is no path: no file's name is that long")
    return text


def _strip_annotation(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _describe_type(hint: Any) -> str:
    for meta in get_args(hint):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return {str: "a string", float: "a number", bool: "true or false", int: "a whole number"}[
        _strip_annotation(hint)
    ]


def _check_kind(value: object, kind: type[T], place: TablePlace, key: str, words: str) -> T:
    if not isinstance(value, kind):
        raise _unexpected_error(place, key, words, value)
    return value


def _unexpected_error(place: TablePlace, key: str, expected: str, value: object) -> SetupError:
    return place.error(key, f"expected {expected}, found {_describe(value)}")


def _describe(value: object) -> str:
    return (
        "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else quote_value(value)
    )
