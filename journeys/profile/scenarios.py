"""What test data of the reference app is, in all its versions."""

from __future__ import annotations

from typing import Any

import tomlkit

from journeys.data import DataFormat, Migration, Unmigratable
from journeys.documents import quote_value
from journeys.profile.scenario_loading import load
from journeys.profile.scenario_records import ProfileScenario, check


def _describe_pictures(document: Any) -> None:
    """Version 2 describes pictures: before, they were a pattern and a format, as in a file's name."""
    for index, person in enumerate(document.get("people", ())):
        if "picture" not in person:
            continue
        pattern, dot, form = str(person["picture"]).partition(".")
        if not dot:
            what = f"{quote_value(str(person['picture']))} is no PATTERN.FORMAT, such as tiles.png"
            raise Unmigratable(("people", index, "picture"), what)
        described = tomlkit.inline_table()
        described.update({"pattern": pattern, "format": form})
        person["picture"] = described


def _name_pictures(document: Any) -> None:
    for index, person in enumerate(document.get("people", ())):
        picture = person.get("picture")
        if picture is None:
            continue
        if more := sorted(set(picture) - {"pattern", "format"}):
            what = f"a picture has nothing but pattern and format there, this one has {', '.join(more)}"
            raise Unmigratable(("people", index, "picture"), what)
        person["picture"] = f"{picture['pattern']}.{picture.get('format', 'png')}"


FORMAT = DataFormat(
    content=ProfileScenario,
    migrations=(Migration(up=_describe_pictures, down=_name_pictures),),
    check=check,
    load=load,
)
"""`[tool.journeys] data` names it."""
