"""A picture is found on the app's own screenshots, without asking semantics where."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from journeys.pictures import Picture, PictureBook, SearchResult, search

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab, Tab

LOOKS = 40


async def screenshot(tab: Tab) -> Image.Image:
    with Image.open(io.BytesIO(await tab.page.screenshot())) as shot:
        return shot.convert("RGB")


async def search_until_found(tab: Tab, picture: Picture, places: int) -> SearchResult:
    """Look until a picture is in so many places, for images come when they come."""
    for _ in range(LOOKS):
        done = search(picture, await screenshot(tab))
        if len(done.found) == places:
            return done
    raise AssertionError(done.reason)


async def test_avatars_of_two_sizes_are_found_where_they_are(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    book = PictureBook(31)
    own, other = (Picture.from_bytes(one.name, png(one)) for one in book.take(2))
    ada = await make_person("Ada")
    await ada.set_picture(own.encoded)
    tab = await open_tab("/me", person=ada)
    await tab.shows("profile-avatar", "header-avatar")
    done = await search_until_found(tab, own, places=2)
    boxes = [await tab.node(name).bounding_box() for name in ("profile-avatar", "header-avatar")]
    for place, box in zip(sorted(done.found, key=lambda place: -place.box[2]), boxes, strict=True):
        assert box is not None
        left, top, width, height = place.box
        assert abs(left + width / 2 - box["x"] - box["width"] / 2) <= 1.5
        assert abs(top + height / 2 - box["y"] - box["height"] / 2) <= 1.5
        assert abs(width - box["width"]) <= 2
        assert place.shape == "circle"

    elsewhere = search(other, await screenshot(tab))
    assert not elsewhere
    assert "on the 412 x 915 px screenshot" in elsewhere.reason


def png(picture: Picture) -> bytes:
    data = io.BytesIO()
    picture.image.save(data, "PNG")
    return data.getvalue()
