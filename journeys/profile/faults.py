"""The faults that the reference backend can be armed with, found by asking it."""

from __future__ import annotations

import httpx
import msgspec

from flutter_bridge import is_loopback
from journeys.chaos import Fault, HttpFault, Leftovers
from journeys.documents import UnreadableDocument, decode_json
from journeys.http_answers import send

ANSWER_S = 10.0


class _Known(msgspec.Struct):
    name: str


class _Catalogue(msgspec.Struct):
    faults: list[_Known]


async def find_faults(address: str, leftovers: Leftovers) -> dict[str, Fault]:
    """Return the faults of the backend at an address, by name; none where it lets none be armed."""
    try:
        async with httpx.AsyncClient(base_url=address, trust_env=not is_loopback(address)) as client:
            answer = await send(client, "GET", "/faults", seconds=ANSWER_S)
        if not answer.response.is_success:
            return {}
        names = [each.name for each in decode_json(answer.body, _Catalogue).faults]
    except (httpx.HTTPError, UnreadableDocument):
        # Somebody else's backend needn't have any; what journeys need of it is asked for elsewhere.
        return {}
    return {
        name: HttpFault(
            at=address, on=f"PUT /faults/{name}", off=f"DELETE /faults/{name}", leftovers=leftovers
        )
        for name in names
    }
