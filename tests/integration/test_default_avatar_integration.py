"""Who shows no picture shows the default avatar: one for all, whatever backend draws it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import httpx
from PIL import Image

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member


async def test_a_newcomer_begins_with_it(http: httpx.AsyncClient, ada: Member) -> None:
    avatar = (await http.get(f"/people/{ada.id}")).json()["avatar"]

    assert (avatar["is_default"], avatar["version"]) == (True, None)
    assert ada.id not in str(avatar), "an address of everybody's tells nobody apart"
    for size, url in avatar["urls"].items():
        with Image.open(BytesIO((await http.get(url)).content)) as drawn:
            assert (drawn.format, drawn.size) == ("WEBP", (int(size), int(size)))
            assert len(drawn.convert("RGB").getcolors(2**18) or []) > 1, "something is drawn"


async def test_the_default_avatar_is_the_same_for_everybody(
    http: httpx.AsyncClient, ada: Member, grace: Member, picture: MakePicture
) -> None:
    await ada.http.put("/me/avatar", content=picture(), headers={"Content-Type": "image/png"})
    await ada.http.delete("/me/avatar")

    avatars = [(await http.get(f"/people/{each.id}")).json()["avatar"] for each in (ada, grace)]

    assert avatars[0] == avatars[1]
    for url in avatars[0]["urls"].values():
        answer = await http.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert "immutable" in answer.headers["cache-control"]


async def test_all_backends_draw_the_same_under_the_same_address(
    http: httpx.AsyncClient, faulty: httpx.AsyncClient, ada: Member
) -> None:
    """Else a page would load it again from each, or find nothing at the other's address."""
    urls = (await http.get(f"/people/{ada.id}")).json()["avatar"]["urls"]

    for url in urls.values():
        one, other = await http.get(url), await faulty.get(url)
        assert (one.status_code, one.content) == (200, other.content)
