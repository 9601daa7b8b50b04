"""What pictures may cost: those made to take long are refused unread, those that people have pass."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from app_backend.errors import Problem
from app_backend.rendering import PictureLimits, picture, renditions
from benches._backend_costly import jpeg_of_scans
from tests.app_backend.costly_pictures import (
    COSTLY,
    coded_arithmetically,
    exif,
    gif_with,
    saved,
    segment,
    sized,
    with_segments,
)
from tests.app_backend.png_parts import END, chunk, header, pixels, png

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

LIMITS = PictureLimits(max_bytes=10_000_000, max_pixels=50_000_000, min_side=64)
LARGE = (8000, 6000)


@pytest.mark.parametrize("kind", COSTLY)
def test_what_would_take_too_much_work_is_refused_unread(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object, **__: object) -> None:
        raise AssertionError("a decoder has seen it")

    data = COSTLY[kind]()
    monkeypatch.setattr(Image, "open", decode)

    with pytest.raises(Problem, match="save it anew") as refusal:
        renditions(data, LIMITS)

    assert refusal.value.status == 422
    assert "\n" not in refusal.value.detail


def large(kind: str, mode: str = "RGB", **options: object) -> Callable[[], bytes]:
    return lambda: sized(saved(kind, (64, 64), mode, **options), LARGE)


REAL: dict[str, Callable[[], bytes]] = {
    "48 megapixels, progressive": large("JPEG", progressive=True),
    "48 megapixels, progressive, full colours": large("JPEG", progressive=True, subsampling=0),
    "48 megapixels in CMYK": large("JPEG", "CMYK", progressive=True),
    "48 megapixels": large("JPEG"),
    "48 megapixels, restarts": large("JPEG", restart_marker_rows=1),
    # Editors that search for the best order write some 60 scans over small pictures.
    "60 scans": lambda: jpeg_of_scans(50, (1000, 800)),
    "scans of a thumbnail": lambda: jpeg_of_scans(150, (64, 64)),
    "a camera's padding": lambda: with_segments(segment(0xE2, bytes(60_000)), b"\xff" * 64_000),
    "160 segments of metadata": lambda: with_segments(*[segment(0xE2, bytes(60_000))] * 160),
    "a camera's EXIF": lambda: with_segments(segment(0xE1, b"Exif\0\0" + exif(80, 60_000))),
    "a slow code": lambda: coded_arithmetically(sized(saved("JPEG", progressive=True), (4000, 3000))),
    "48 megapixels with transparency": lambda: png(header(*LARGE, 8, 6), pixels(), END),
    "PNG in pieces": lambda: png(header(64, 64), *[chunk(b"tEXt", b"a\0b")] * 2000, pixels(), END),
    "PNG with EXIF": lambda: png(header(64, 64), chunk(b"eXIf", exif(80, 60_000)), pixels(), END),
    "GIF with a page of text": lambda: gif_with(b"\x21\xfe", *[b"\xff" + b"x" * 255] * 40, b"\0"),
    "WebP with EXIF": lambda: saved("WEBP", exif=b"Exif\0\0" + exif(80, 60_000)),
}


@pytest.mark.parametrize("kind", REAL)
def test_what_cameras_and_editors_write_passes(kind: str) -> None:
    picture.check_cost(REAL[kind]())


def test_an_animation_of_hundreds_of_frames_passes() -> None:
    frames = [Image.new("P", (64, 64), colour) for colour in range(250)]
    for kind in ("GIF", "WEBP"):
        output = BytesIO()
        frames[0].save(output, kind, save_all=True, append_images=frames[1:])
        assert renditions(output.getvalue(), LIMITS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_cannot_be_followed_is_left_to_the_decoder(kind: str) -> None:
    chance = random.Random(11)  # noqa: S311 - the same files each time
    whole = saved(kind, (64, 64), "P" if kind == "GIF" else "RGB")
    for _ in range(300):
        damaged = bytearray(whole[: chance.randrange(4, len(whole) + 1)])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(Problem):
            picture.check_cost(bytes(damaged))


async def test_whoever_sends_one_is_told_why(ada: Member) -> None:
    answer = await ada.http.put("/me/avatar", content=jpeg_of_scans(300))

    assert answer.status_code == 422
    assert "too many steps" in answer.json()["detail"]
