"""Whatever a stranger's file makes Pillow do becomes one sentence, for the runner and for the backend."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin

from app_backend.errors import Problem
from app_backend.rendering import PictureLimits, renditions
from app_backend.rendering import picture as backend
from benches._photographs import photographs
from journeys.pictures import NotAPicture, PhotographFolder, Picture
from picture_reader import DecodingError, EncodedPicture
from tests.picture_reader import icc
from tests.picture_reader.scene import exif, jpeg, made_png, palette_picture, saved, scene, webp

LIMITS = PictureLimits(max_bytes=10_000_000, max_pixels=1_000_000, min_side=64)
MUTATIONS = 60
"""Of each file; `./run bench mutations` does more."""

FILES: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: jpeg(exif=b"Exif\0\0" + exif(6), icc_profile=icc.rgb()),
    "JPEG of CMYK": lambda: jpeg(scene().convert("CMYK"), icc_profile=icc.press(points=2)),
    "PNG": lambda: saved(scene(), "PNG", icc_profile=icc.rgb(), exif=exif(6)),
    "PNG of a palette": lambda: saved(palette_picture(), "PNG", transparency=3),
    "WebP": lambda: webp(icc_profile=icc.rgb(), exif=exif(6)),
    "GIF": lambda: saved(palette_picture(), "GIF", transparency=3),
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A file with a few bytes changed, left out or doubled, most of them near its beginning."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(min(len(changed), chance.choice((40, 400, len(changed)))))
        kind = chance.randrange(4)
        if kind == 0:
            changed[at] = chance.choice((0, 1, 127, 128, 254, 255, chance.randrange(256)))
        elif kind == 1:
            del changed[at : at + chance.randint(1, 8)]
        elif kind == 2:
            changed[at:at] = changed[at : at + chance.randint(1, 8)]
        else:
            changed[at : at + 4] = struct.pack(">I", chance.choice((0, 1, 2**16, 2**31 - 1, 2**32 - 1)))
    return bytes(changed)


def sealed(png: bytes) -> bytes:
    """A PNG whose checksums are right again, so that what is damaged is looked at."""
    left, at = png[:8], 8
    while at + 12 <= len(png):
        end = at + 8 + int.from_bytes(png[at : at + 4])
        body = png[at + 4 : end]
        left += png[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at = end + 4
    return left + png[at:]


@pytest.mark.parametrize("kind", FILES)
def test_damaged_files_give_a_picture_or_a_sentence(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "SIZES", (48,))
    chance = random.Random(kind)  # noqa: S311 - the same files each time
    whole = FILES[kind]()
    for number in range(MUTATIONS):
        data = damaged(whole, chance)
        data = sealed(data) if data.startswith(b"\x89PNG") and number % 2 else data
        why, seen, problem = "", None, None
        try:
            seen = EncodedPicture(data, most_pixels=LIMITS.max_pixels).pixels()
        except DecodingError as error:
            why = str(error)
        assert (seen is None) == bool(why)
        assert "\n" not in why
        assert seen is None or (seen.mode, seen.info) == ("RGB", {})
        try:
            renditions(data, LIMITS)
        except Problem as error:
            problem = error
        assert problem is None or (problem.status in {415, 422} and problem.detail)


@pytest.mark.parametrize(
    "trouble",
    [
        struct.error("unpack requires 4 bytes"),
        TypeError("a bytes-like object is required"),
        AttributeError("'NoneType' object has no attribute 'read'"),
        AssertionError(),
        ZeroDivisionError("division by zero"),
        RecursionError("maximum recursion depth exceeded"),
        RuntimeError("no room\nfor a line"),
        zlib.error("Error -3"),
        UserWarning("Corrupt EXIF data"),
        Image.DecompressionBombWarning("Image size exceeds limit"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_pillow_raises_becomes_one_line(trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    data = jpeg()

    def fail(_: object) -> None:
        raise trouble

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", fail)
    with pytest.raises(NotAPicture, match=r"^me\.jpg: the picture \w+ .*; choose a") as why:
        Picture.from_bytes("me.jpg", data)
    assert "\n" not in str(why.value)
    with pytest.raises(Problem) as answer:
        renditions(data, LIMITS)
    assert answer.value.status == 422


def test_a_folder_gives_its_other_pictures(tmp_path: Path) -> None:
    (tmp_path / "me.jpg").write_bytes(jpeg())
    (tmp_path / "broken.jpg").write_bytes(jpeg()[:500])
    (tmp_path / "signed.jpg").write_bytes(
        jpeg(exif=b"Exif\0\0" + exif(6, first=struct.pack("<HHII", 282, 10, 1, 38)) + b"\xff" * 8)
    )
    (tmp_path / "page.png").write_bytes(b"<!doctype html><title>Sign in</title>")
    found, refused = photographs(tmp_path, crops=1)
    assert {"me.jpg", "signed.jpg"} <= {picture.name for picture in found}
    reasons = {each.name: each.reason for each in refused}
    assert "cut off" in reasons["broken.jpg"]
    assert "looks like an HTML page" in reasons["page.png"]
    assert len(list(PhotographFolder(tmp_path).shuffle(1))) == 2


def test_a_picture_whose_whole_takes_too_much_memory_gives_no_crops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "me.jpg").write_bytes(jpeg())
    pixels = EncodedPicture.pixels

    def within_memory(picture: EncodedPicture, *, square: int | None = None) -> Image.Image:
        if square is None:
            raise DecodingError("the picture takes more memory than one may; choose a smaller one")
        return pixels(picture, square=square)

    monkeypatch.setattr(EncodedPicture, "pixels", within_memory)
    found, refused = photographs(tmp_path, crops=2)
    assert [picture.name for picture in found] == ["me.jpg"]
    assert "gave 0 of 2 crops" in refused[0].reason


def test_pillow_never_sees_what_stands_beside_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = (PngImagePlugin.PngImageFile, JpegImagePlugin.JpegImageFile)
    seen: list[dict[object, object]] = []
    for plugin in plugins:

        def load(image: Any, load: Any = plugin.load) -> Any:
            seen.append(image.info)
            return load(image)

        monkeypatch.setattr(plugin, "load", load)
    block = exif(6)
    for data in (
        saved(scene(), "PNG", icc_profile=icc.rgb(), exif=block, dpi=(72, 72)),
        jpeg(icc_profile=icc.rgb(), exif=b"Exif\0\0" + block, comment=b"x", dpi=(9, 9)),
    ):
        EncodedPicture(data, most_pixels=1_000_000).pixels()
    assert len(seen) >= 2
    assert not {"exif", "icc_profile", "dpi", "comment"} & {key for info in seen for key in info}


def test_a_phones_picture_is_the_jpeg_it_is(tmp_path: Path) -> None:
    large = scene().resize((2400, 1920))
    phone = saved(large, "MPO", save_all=True, append_images=[scene()], quality=90)
    plain = jpeg(large, quality=90)
    picture = Picture.from_bytes("IMG_0417.jpg", phone)
    assert (picture.media_type, picture.save(tmp_path).name) == ("image/jpeg", "IMG_0417.jpg")
    # The same coarse reduction while it is decoded: not a pixel differs.
    reduced = [EncodedPicture(data, most_pixels=5_000_000).pixels(square=192) for data in (phone, plain)]
    assert reduced[0].tobytes() == reduced[1].tobytes()
    exact = EncodedPicture(plain, most_pixels=5_000_000).pixels().crop((240, 0, 2160, 1920))
    assert reduced[1].tobytes() != exact.resize((192, 192), Image.Resampling.LANCZOS).tobytes()


def test_a_picture_is_never_more_than_it_may() -> None:
    with pytest.raises(DecodingError, match="160 x 128 pixels, more than 20,000; choose a smaller one"):
        EncodedPicture(made_png(), most_pixels=20_000)


def test_a_profile_that_lcms_stumbles_over_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ImageCms.PyCMSError("cannot build transform")

    with_profile = saved(scene(), "PNG", icc_profile=icc.rgb())
    monkeypatch.setattr(ImageCms, "profileToProfile", fail)
    seen = EncodedPicture(with_profile, most_pixels=1_000_000).pixels()
    assert seen.tobytes() == scene().tobytes()
