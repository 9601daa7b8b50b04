"""Rewrites a scenario's file as another version has it; comments stay."""

from __future__ import annotations

import tomlkit
from tomlkit.exceptions import TOMLKitError

from journeys.data.format import DataFormat, Unmigratable
from journeys.data.source import InvalidScenario, Source
from journeys.documents import one_line


def migrate(source: Source, form: DataFormat, to: int) -> str:
    """Return a scenario's text as version `to` has it; raises `InvalidScenario` where that can't say it."""
    try:
        document = tomlkit.parse(source.text)
    except TOMLKitError as error:
        raise InvalidScenario(
            [f"{source.file}: can't be rewritten ({one_line(str(error))}): write it more simply"]
        ) from error
    up, down = form.migrations[source.version - 1 : to - 1], form.migrations[to - 1 : source.version - 1]
    try:
        for migration in up:
            migration.up(document)
        for migration in reversed(down):
            migration.down(document)
    except Unmigratable as error:
        why = one_line(str(error))
        what = f"version {to} can't say this: {why}; change it, or keep version {source.version}"
        raise source.error((error.place, what)) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        why = one_line(f"{type(error).__name__}: {error}")
        what = f"is no sound version {source.version} ({why}): correct it"
        raise source.error(((), what)) from error
    document["version"] = to
    return tomlkit.dumps(document)
