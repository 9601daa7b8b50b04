"""A changed profile is the same wherever it shows: one name, one picture, one version."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.backend_fixtures import DEADLINE_S

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream

PUBLIC = ("id", "display_name", "bio", "avatar", "version")
PLACES = {"/me", "/people/{person_id}", "/feed", "/people/{person_id}/posts"}
"""Where a profile can be read."""


Change = Callable[[httpx.AsyncClient, bytes], Awaitable[httpx.Response]]
CHANGES: dict[str, Change] = {
    "name": lambda ada, _: ada.patch("/me", json={"display_name": "Countess of Lovelace"}),
    "bio": lambda ada, _: ada.patch("/me", json={"bio": "Engines, and what they weave."}),
    "first picture": lambda ada, picture: ada.put("/me/avatar", content=picture),
    "new picture": lambda ada, picture: ada.put("/me/avatar", content=picture),
    "no picture": lambda ada, _: ada.delete("/me/avatar"),
}


def profiles_in(answer: Any) -> list[dict[str, Any]]:
    """What everybody may see of each profile in an answer, however deep it stands."""
    if isinstance(answer, list):
        return [found for each in answer for found in profiles_in(each)]
    if not isinstance(answer, dict):
        return []
    own = [{name: answer[name] for name in PUBLIC}] if "display_name" in answer else []
    return own + [found for each in answer.values() for found in profiles_in(each)]


@pytest.fixture
async def me(address: str, ada: Member) -> AsyncIterator[httpx.AsyncClient]:
    """Ada, at the address where events are read: the profiles in them have pictures' addresses."""
    headers = {"Authorization": f"Bearer {ada.token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=DEADLINE_S) as client:
        yield client


async def read_everywhere(me: httpx.AsyncClient, person_id: str) -> list[dict[str, Any]]:
    found = []
    for place in sorted(PLACES):
        shown = profiles_in((await me.get(place.format(person_id=person_id))).json())
        assert shown, place
        found += shown
    return found


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_shows_at_all_places(
    me: httpx.AsyncClient, ada: Member, picture: MakePicture, stream: OpenStream, change: str
) -> None:
    if change != "first picture":
        assert (await me.put("/me/avatar", content=picture())).status_code == 200
    for words in ("Look at me", "And again"):
        assert (await me.post("/posts", json={"text": words})).status_code == 201
    before = await read_everywhere(me, ada.id)

    async with stream(person=ada.id) as events:
        answer = await CHANGES[change](me, picture(mode="L"))
        event = await anext(events)

    (changed,) = profiles_in(answer.json())
    assert changed not in before
    assert profiles_in(json.loads(event.data)) == [changed]
    assert await read_everywhere(me, ada.id) == [changed] * len(before)
    for address in changed["avatar"]["urls"].values():
        assert (await me.get(address)).headers["content-type"] == "image/webp"


async def test_no_place_is_left_out(http: httpx.AsyncClient) -> None:
    """Of the document's routes that are read, all whose answers may hold a profile."""
    document = (await http.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    def holds_profile(value: Any, seen: frozenset[str] = frozenset()) -> bool:
        named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(value))) - seen
        return "display_name" in json.dumps(value) or any(
            holds_profile(schemas[name], seen | named) for name in named
        )

    assert {
        path
        for path, methods in document["paths"].items()
        if "get" in methods and holds_profile(methods["get"]["responses"].get("200", {}))
    } == PLACES
