"""What caches may keep: each picture at its own address for ever, and nothing about who shows which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

FOR_GOOD = "public, max-age=31536000, immutable"


async def urls_of(http: httpx.AsyncClient, person_id: str) -> dict[str, str]:
    urls: dict[str, str] = (await http.get(f"/people/{person_id}")).json()["avatar"]["urls"]
    return urls


async def test_a_picture_may_be_kept_for_good(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    default = await urls_of(http, ada.id)
    await ada.http.put("/me/avatar", content=picture())
    own = await urls_of(http, ada.id)

    tags = set()
    for url in (*default.values(), *own.values()):
        shown = await http.get(url)
        assert shown.headers["cache-control"] == FOR_GOOD
        tags.add(shown.headers["etag"])
        again = await http.get(url, headers={"If-None-Match": shown.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert len(tags) == len(default) + len(own), "a tag is of one picture in one size"


async def test_no_address_ever_shows_another_picture(
    http: httpx.AsyncClient, ada: Member, grace: Member, picture: MakePicture
) -> None:
    seen: set[str] = set()
    for member in (ada, ada, grace, ada):
        # The same bytes, back again after others: an address of its own each time.
        await member.http.put("/me/avatar", content=picture())
        now = set((await urls_of(http, member.id)).values())
        assert not now & seen
        seen |= now


async def test_who_shows_which_is_asked_each_time(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    """A cache that kept these would go on showing the old address."""
    await ada.http.put("/me/avatar", content=picture())
    await ada.http.post("/posts", json={"text": "Look at me"})

    for path in ("/me", f"/people/{ada.id}", "/feed", f"/people/{ada.id}/posts"):
        assert (await ada.http.get(path)).headers["cache-control"] == "no-store", path


async def test_that_a_picture_is_gone_is_kept_by_nobody(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    await ada.http.put("/me/avatar", content=picture())
    old = await urls_of(http, ada.id)
    tag = (await http.get(old["96"])).headers["etag"]
    await ada.http.delete("/me/avatar")

    for url in old.values():
        gone = await http.get(url, headers={"If-None-Match": tag})
        assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")
