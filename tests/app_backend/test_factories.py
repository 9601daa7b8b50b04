"""What factories make is sound: the backend takes it, and no two are the same."""

from __future__ import annotations

from io import BytesIO

import httpx
import pytest
from PIL import Image, ImageOps

from tests.backend_fixtures import Member
from tests.factories import TURNED, EventFactory, PersonFactory, PictureFactory, PostFactory

pytestmark = pytest.mark.rolled_back


@pytest.mark.usefixtures("factories")
async def test_people_and_posts_are_in_the_feed(http: httpx.AsyncClient) -> None:
    people = await PersonFactory.create_batch_async(3)
    posts = [await PostFactory.create_async(author_id=person.id) for person in people]

    items = (await http.get("/feed")).json()["items"]

    assert [item["text"] for item in items] == [post.text for post in reversed(posts)]
    assert [item["author"]["id"] for item in items] == [str(person.id) for person in reversed(people)]
    assert len({person.email for person in people}) == 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_of_its_kind_and_size_and_the_backend_takes_it(ada: Member, kind: str) -> None:
    picture, other = PictureFactory.batch(2, kind=kind, shape=(300, 200), orientation=TURNED)

    image = Image.open(BytesIO(picture.content))
    assert (image.format, image.size) == (kind, (200, 300))
    assert ImageOps.exif_transpose(image).size == (300, 200)
    assert picture.content != other.content
    answer = await ada.http.put(
        "/me/avatar", content=picture.content, headers={"Content-Type": picture.media_type}
    )
    assert answer.status_code == 200


def test_an_event_travels_as_it_is() -> None:
    event, other = EventFactory.batch(2, data={"post": {"text": "Good morning"}})

    assert type(event).from_json(event.as_json(), committed_by=1.0).data == event.data
    assert event.id != other.id


def test_who_wrote_a_post_has_to_be_said() -> None:
    with pytest.raises(Exception, match="author_id"):
        PostFactory.build()
