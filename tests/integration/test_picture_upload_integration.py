"""Uploads: with a token or by a ticket; what is no good changes nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import imagehash
import pytest
from PIL import Image

from app_backend.api import Services, create_app
from app_backend.settings import Settings

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

PNG = {"Content-Type": "image/png"}


def stored(folder: Path) -> set[str]:
    """The versions that are kept."""
    return {path.parent.name for path in folder.rglob("*.webp")}


async def test_a_picture_is_shown_to_everybody(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    before = time.time()
    answer = await ada.http.put("/me/avatar", content=picture(), headers=PNG)

    assert answer.status_code == 200
    assert before <= answer.json()["committed_at"] <= time.time()
    avatar = (await http.get(f"/people/{ada.id}")).json()["avatar"]
    assert avatar == answer.json()["profile"]["avatar"]
    assert avatar["is_default"] is False
    for size, url in avatar["urls"].items():
        shown = await http.get(url, headers={"Origin": "http://elsewhere.test"})
        assert shown.status_code == 200
        assert shown.headers["access-control-allow-origin"] == "*"
        assert Image.open(BytesIO(shown.content)).size == (int(size), int(size))


async def test_real_photographs_are_shown_for_what_they_are(
    http: httpx.AsyncClient, ada: Member, photographs: dict[str, bytes]
) -> None:
    """By a perceptual hash of each one's middle, which no size and no encoding changes much."""
    middles = {name: imagehash.phash(middle_of(file)) for name, file in photographs.items()}
    for name, file in photographs.items():
        answer = await ada.http.put("/me/avatar", content=file)
        assert answer.status_code == 200, name
        for url in answer.json()["profile"]["avatar"]["urls"].values():
            shown = imagehash.phash(middle_of((await http.get(url)).content))
            distances = {each: int(shown - middle) for each, middle in middles.items()}
            own = distances.pop(name)
            assert own <= 6, (name, url, own)
            assert min(distances.values()) >= 14, (name, url, distances)


def middle_of(file: bytes) -> Image.Image:
    """The square in the middle, as wide as seven tenths of the shorter side."""
    with Image.open(BytesIO(file)) as image:
        half = min(image.size) * 0.35
        x, y = image.width / 2, image.height / 2
        return image.convert("L").crop((round(x - half), round(y - half), round(x + half), round(y + half)))


async def test_of_uploads_at_once_one_is_left_whole(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, pictures_folder: Path
) -> None:
    pictures = [picture((200 + step, 300)) for step in range(4)]

    answers = await asyncio.gather(
        *(ada.http.put("/me/avatar", content=each, headers=PNG) for each in pictures)
    )

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(answer.json()["profile"]["version"] for answer in answers) == [2, 3, 4, 5]
    avatar = (await http.get(f"/people/{ada.id}")).json()["avatar"]
    last = max(answers, key=lambda answer: float(answer.json()["profile"]["version"]))
    assert avatar == last.json()["profile"]["avatar"]
    assert stored(pictures_folder / ada.id) == {avatar["version"]}
    for url in avatar["urls"].values():
        assert (await http.get(url)).status_code == 200


async def nothing() -> AsyncIterator[bytes]:
    yield b""


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"hello", "image/png", 422),
        (b"", "image/png", 422),
        (b"hello", "text/plain", 415),
        (b"{}", "application/json", 415),
        (b"BM" + bytes(200), "image/bmp", 415),
        (bytes(1024 * 1024 + 1), "image/jpeg", 413),
    ],
)
async def test_what_is_no_good_changes_nothing(
    ada: Member, picture: MakePicture, pictures_folder: Path, content: bytes, content_type: str, status: int
) -> None:
    await ada.http.put("/me/avatar", content=picture(), headers=PNG)
    before = (await ada.http.get("/me")).json()
    ticket = (await ada.http.post("/me/avatar/uploads")).json()["url"]

    for url in ("/me/avatar", ticket):
        answer = await ada.http.put(url, content=content, headers={"Content-Type": content_type})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
    assert (await ada.http.get("/me")).json() == before
    assert stored(pictures_folder / ada.id) == {before["avatar"]["version"]}


async def test_the_declared_type_does_not_decide(ada: Member, picture: MakePicture) -> None:
    for declared in ("image/jpeg", "application/octet-stream", None):
        headers = {"Content-Type": declared} if declared else {}
        answer = await ada.http.put("/me/avatar", content=picture(kind="WEBP"), headers=headers)
        assert answer.status_code == 200


async def test_a_stream_too_long_is_not_read_to_its_end(ada: Member) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 2**40:
            sent += 64 * 1024
            yield bytes(64 * 1024)

    answer = await ada.http.put("/me/avatar", content=endless(), headers=PNG)

    assert answer.status_code == 413
    assert sent < 100 * 2**20


async def test_a_real_sender_gets_to_see_the_refusal(address: str, ada: Member, services: Services) -> None:
    headers = PNG | {"Authorization": f"Bearer {ada.token}"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        answer = await client.put("/me/avatar", content=bytes(8 * 2**20))

    assert answer.status_code == 413
    assert "at most 1 MiB" in answer.json()["detail"]


async def test_a_ticket_works_once_and_without_a_token(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    issued = await ada.http.post("/me/avatar/uploads")
    assert issued.status_code == 201
    url = issued.json()["url"]
    assert url.startswith("http://backend.test/uploads/")

    # A picture that is no good doesn't use it up.
    assert (await http.put(url, content=b"hello", headers=PNG)).status_code == 422
    first = await http.put(url, content=picture(), headers=PNG)
    second = await http.put(url, content=picture(), headers=PNG)

    assert (first.status_code, second.status_code) == (200, 410)
    assert first.json()["profile"]["id"] == ada.id


async def test_of_two_uses_of_a_ticket_at_once_one_wins(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, pictures_folder: Path
) -> None:
    url = (await ada.http.post("/me/avatar/uploads")).json()["url"]

    answers = await asyncio.gather(*(http.put(url, content=picture(), headers=PNG) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 410, 410]
    assert len(stored(pictures_folder / ada.id)) == 1


async def test_a_forged_ticket_is_not_known(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    url = (await ada.http.post("/me/avatar/uploads")).json()["url"]
    path = urlsplit(url).path
    middle = len(path) // 2
    forged = path[:middle] + ("A" if path[middle] != "A" else "B") + path[middle + 1 :]

    for each in (forged, path[:-1], "/uploads/x", "/uploads/ä"):
        assert (await http.put(each, content=picture(), headers=PNG)).status_code == 404


async def test_a_ticket_expires(services: Services, ada: Member, picture: MakePicture) -> None:
    hasty = services.settings.model_copy(update={"ticket_lifetime_s": 1e-6})
    app = create_app(replace(services, settings=hasty))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://backend.test"
    ) as client:
        issued = await client.post("/me/avatar/uploads", headers={"Authorization": f"Bearer {ada.token}"})
        answer = await client.put(issued.json()["url"], content=picture(), headers=PNG)

    assert answer.status_code == 410
    assert "expired" in answer.json()["detail"]


async def test_a_browser_may_upload_from_another_origin(http: httpx.AsyncClient) -> None:
    asked = {"Origin": "http://elsewhere.test", "Access-Control-Request-Method": "PUT"}

    answer = await http.options(
        "/uploads/x", headers={**asked, "Access-Control-Request-Headers": "authorization,content-type"}
    )

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "path",
    [
        "/avatars/default/0000000000000000/48.webp",
        "/avatars/{id}/0000000000000000/48.webp",
        "/avatars/{id}/..%2f..%2f/48.webp",
        "/avatars/{id}/{version}/47.webp",
        "/avatars/{id}/{version}/48.png",
        "/avatars/nobody/{version}/48.webp",
        "/avatars/%2e%2e/{version}/48.webp",
    ],
)
async def test_other_addresses_show_nothing(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, path: str
) -> None:
    answer = await ada.http.put("/me/avatar", content=picture(), headers=PNG)
    version = answer.json()["profile"]["avatar"]["version"]

    assert (await http.get(path.format(id=ada.id, version=version))).status_code == 404


async def test_addresses_are_built_from_the_public_url(services: Services, ada: Member) -> None:
    settings = Settings.model_validate(
        services.settings.model_dump() | {"public_url": "https://people.example.test/api/"}
    )
    app = create_app(replace(services, settings=settings))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://backend.test"
    ) as client:
        profile = (await client.get(f"/people/{ada.id}")).json()

    assert profile["avatar"]["urls"]["48"].startswith("https://people.example.test/api/avatars/default/")
