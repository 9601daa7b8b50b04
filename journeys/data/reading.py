"""Reads a scenario: of any version that is known, by the types and the rules of a kit's format."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from journeys.data.format import DataFormat, Place, Scenario
from journeys.data.migration import migrate
from journeys.data.source import Source, parse_place, read_source
from journeys.documents import decode_toml, explain_mismatch
from journeys.errors import name_nearest


def read_scenario(file: Path, form: DataFormat) -> Scenario:
    """Read a scenario of any version that is known; raises `InvalidScenario` with all that is wrong."""
    source = read_source(file, form.version)
    document = source.document
    if source.version < form.version:
        document = decode_toml(migrate(source, form, form.version).encode())
    content = _convert(document, form, source)
    if problems := list(form.check(content)):
        raise source.error(*((problem.place, problem.what) for problem in problems))
    return Scenario(file, source.version, content)


def _convert(document: dict[str, Any], form: DataFormat, source: Source) -> Any:
    try:
        return msgspec.convert(document, form.content)
    except msgspec.ValidationError as error:
        place, what = explain_mismatch(str(error))
        path = parse_place(place)
        if missing := re.search("missing required field (.+)", what):
            what = f"has no {missing[1]}: write it down"
        elif unknown := re.search("contains unknown field (.+)", what):
            path = (*path, unknown[1])
            what = f"is no field here, {name_nearest(unknown[1], _fields_at(form.content, path[:-1]))}"
        raise source.error((path, what)) from error


def _fields_at(kind: Any, path: Place) -> list[str]:
    """Return the names of the fields that the record at a path may have."""
    here = msgspec.inspect.type_info(kind)
    for part in path:
        here = _inner(here, part)
    here = _choose(here, msgspec.inspect.StructType)
    return [field.encode_name for field in here.fields] if here else []


def _inner(here: Any, part: str | int) -> Any:
    if isinstance(part, int):
        found = _choose(here, (msgspec.inspect.ListType, msgspec.inspect.VarTupleType))
        return found.item_type if found else here
    found = _choose(here, msgspec.inspect.StructType)
    return next((field.type for field in found.fields if field.encode_name == part), here) if found else here


def _choose(here: Any, kind: Any) -> Any:
    """Return what is of a kind: a type, or one of a union."""
    options = here.types if isinstance(here, msgspec.inspect.UnionType) else (here,)
    return next((each for each in options if isinstance(each, kind)), None)
