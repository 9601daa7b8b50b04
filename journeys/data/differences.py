"""What differs between two scenarios, in words: records that came, went, or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from journeys.documents import quote_value


def describe_differences(old: Any, new: Any) -> Iterator[str]:
    """Yield a line for each record that differs between two contents of a format, collection by collection.

    Records are the same ones by their `id`; those that have none by all that they hold.
    """
    for collection, one, other in _both(msgspec.to_builtins(old), msgspec.to_builtins(new)):
        if not isinstance(one, list) or not isinstance(other, list):
            if one != other:
                yield f"{collection}: {quote_value(one)} is {quote_value(other)} now"
            continue
        before, after = _by_id(one), _by_id(other)
        yield from (f"{collection}: {name} is gone" for name in before if name not in after)
        for name in filter(after.__contains__, before):
            for field, was, now in _both(before[name], after[name]):
                if was != now:
                    yield f"{collection}: {name}: {field} {quote_value(was)} is {quote_value(now)} now"
        yield from (f"{collection}: {name} is new" for name in after if name not in before)


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys([*one, *other]):
        yield name, one.get(name), other.get(name)


def _by_id(records: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seen: Counter[str] = Counter()
    for record in records:
        name = str(record["id"]) if "id" in record else quote_value(record)
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} (no. {seen[name]})"] = record
    return found
