"""Fills secrets of the environment into a target's settings, and refuses those that were written down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from journeys.redaction import know
from journeys.targets.provider import UnfitSetting

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET = re.compile(r"(password|passphrase|secret|token|access_?key|api_?key|credential)s?$", re.IGNORECASE)


def filled(value: object, environment: Mapping[str, str], *, key: str) -> object:
    """Return a setting with every `${NAME}` in its strings, however deep, replaced by the environment's.

    What was filled in is a secret from then on.

    Raises `UnfitSetting` for a variable that isn't set, and for a secret that stands there itself.
    """
    if isinstance(value, Mapping):
        return {name: filled(each, environment, key=f"{key}.{name}") for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, environment, key=key) for each in value]
    if not isinstance(value, str):
        return value
    if not VARIABLE.search(value) and (SECRET.search(key) or _has_password(value)):
        raise UnfitSetting(
            key, 'is a secret and must not stand in a file: write "${NAME}" and set NAME outside'
        )

    def look_up(found: re.Match[str]) -> str:
        name = found[1]
        if not environment.get(name):
            raise UnfitSetting(key, f"the environment variable {name} is not set")
        know([environment[name]])
        return environment[name]

    return VARIABLE.sub(look_up, value)


def _has_password(value: str) -> bool:
    try:
        return "://" in value and bool(urlsplit(value).password)
    except ValueError:
        return False
