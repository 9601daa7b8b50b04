"""How often something may be done, as it is written in the settings: `10 per 5 minutes`, or `off`."""

from __future__ import annotations

from typing import Annotated

from limits import RateLimitItem, parse
from pydantic import BeforeValidator, PlainSerializer

OFF = "off"


def _rate(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().lower() == OFF:
        return None
    try:
        rate = parse(value)
    except ValueError:
        rate = None
    if rate is None or rate.amount < 1:
        raise ValueError('give a rate such as "10 per 5 minutes", or "off"')
    return rate


Rate = Annotated[RateLimitItem | None, BeforeValidator(_rate), PlainSerializer(str)]
"""A number of times in a length of time; None for no limit. The notation is that of the library `limits`."""
