"""Reads what a command is given, and says what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fake_android.uiautomator2.answers import InvalidArgument

Body = Mapping[str, Any]


def text(body: Body, name: str) -> str:
    """Return a string; raises `Refusal` where it is missing or none."""
    value = body.get(name)
    if not isinstance(value, str):
        raise InvalidArgument(f"'{name}' has to be a string, got {value!r}")
    return value


def number(body: Body, name: str) -> float:
    """Return a finite number; raises `Refusal` where it is missing or none."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidArgument(f"'{name}' has to be a number, got {value!r}")
    return float(value)


def optional_number(body: Body, name: str) -> float | None:
    """Return a finite number, or None where it is missing or null."""
    return None if body.get(name) is None else number(body, name)


def mapping(body: Body, name: str) -> Body:
    """Return an object; raises `Refusal` where it is missing or none."""
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"'{name}' has to be an object, got {value!r}")
    return value
