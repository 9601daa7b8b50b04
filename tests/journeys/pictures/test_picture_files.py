"""Pictures from files: what is taken, what is refused, and what is uploaded."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from journeys.pictures import NotAPicture, Picture, Recogniser, TooPlain
from journeys.pictures.fingerprint import brightness, coefficients


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


def halves() -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    image.paste("black", (0, 0, 128, 256))
    return image


def hill() -> Image.Image:
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).polygon(
        [(0, 140), (110, 150), (190, 120), (256, 30), (256, 256), (0, 256)], fill="black"
    )
    return image


def fine_noise() -> Image.Image:
    shades = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    return Image.fromarray(shades)


def test_a_file_is_uploaded_as_it_is(picture: Picture, tmp_path: Path) -> None:
    path = tmp_path / "me.jpg"
    path.write_bytes(picture.encoded)
    read = Picture.from_file(path)
    assert Picture.from_file(str(path)).encoded == read.encoded
    assert read.name == "me.jpg"
    assert read.encoded == picture.encoded
    assert read.media_type == "image/jpeg"
    assert Recogniser().recognise(picture.image, read).same


def test_saving_gives_a_file_with_the_right_ending(pictures: list[Picture], tmp_path: Path) -> None:
    paths = [picture.save(tmp_path) for picture in pictures[:3]]
    assert [path.suffix for path in paths] == [".jpg", ".png", ".webp"]
    assert [path.read_bytes() for path in paths] == [picture.encoded for picture in pictures[:3]]


def test_a_name_with_odd_characters_stays_in_the_folder(picture: Picture, tmp_path: Path) -> None:
    odd = Picture(name="../a b/ü.png", image=picture.image, encoded=b"x", media_type="image/png")
    assert odd.save(tmp_path).parent == tmp_path


@pytest.mark.parametrize("data", [b"", b"hello"])
def test_bytes_that_are_no_picture_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NotAPicture, match=r"^note\.txt: this is no picture") as refused:
        Picture.from_bytes("note.txt", data)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_the_beginning_of_a_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture, match=r"^me\.png: the picture is (damaged|cut off)"):
        Picture.from_bytes("me.png", data)


def test_a_truncated_picture_is_refused(picture: Picture) -> None:
    with pytest.raises(NotAPicture, match=r"^cut\.jpg: the picture is cut off"):
        Picture.from_bytes("cut.jpg", picture.encoded[: len(picture.encoded) // 2])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAPicture, match=r"gone\.png: can't be read \(No such file"):
        Picture.from_file(tmp_path / "gone.png")


@pytest.mark.parametrize("size", [(9500, 9500), (65_535, 65_535)])
def test_a_decompression_bomb_is_refused(size: tuple[int, int]) -> None:
    head = struct.pack(">IIBBBBB", *size, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))))
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    with pytest.raises(NotAPicture, match=r"^bomb\.png: the picture has .*pixels.*; choose a smaller one"):
        Picture.from_bytes("bomb.png", bomb)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (Image.new("RGB", (256, 256), "teal"), "nearly one colour"),
        (halves(), "too few shapes"),
        (hill(), "the same when moved or stretched"),
        (fine_noise(), "one colour|too fine"),
    ],
)
def test_a_picture_with_too_little_to_see_says_so_and_is_refused_where_it_must_be_recognisable(
    image: Image.Image, why: str
) -> None:
    picture = Picture.from_bytes("plain.png", encoded(image))
    assert re.search(why, picture.shortcoming or "")
    with pytest.raises(TooPlain, match=why):
        picture.require_recognisable()


def test_a_tiny_picture_is_refused(picture: Picture) -> None:
    with pytest.raises(TooPlain, match="64 px on its shorter side"):
        Picture.from_bytes("tiny.png", encoded(picture.image.resize((64, 80))))


def test_a_picture_that_is_not_square_is_known_by_its_middle(picture: Picture) -> None:
    wide = Image.new("RGB", (900, 512), "white")
    wide.paste(picture.image, (194, 0))
    read = Picture.from_bytes("wide.png", encoded(wide))
    assert read.image.size == (512, 512)
    assert Recogniser().recognise(picture.image, read).same


def test_the_camera_was_held_sideways(picture: Picture) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = picture.image.transpose(Image.Transpose.ROTATE_90)
    read = Picture.from_bytes("side.jpg", encoded(turned, "JPEG", quality=92, exif=exif))
    assert Recogniser().recognise(picture.image, read).same


def test_what_is_transparent_is_white(picture: Picture) -> None:
    layers = picture.image.convert("RGBA")
    hole = Image.new("L", layers.size, 255)
    ImageDraw.Draw(hole).rectangle((0, 0, 99, 99), fill=0)
    layers.putalpha(hole)
    read = Picture.from_bytes("hole.png", encoded(layers))
    assert read.image.getpixel((10, 10)) == (255, 255, 255)


def test_the_hash_is_imagehash_of_the_middle(pictures: list[Picture]) -> None:
    for picture in pictures:
        drawn = picture.image.resize((96, 96), Image.Resampling.LANCZOS)
        middle = drawn.resize((32, 32), Image.Resampling.BICUBIC, box=(14.4, 14.4, 81.6, 81.6))
        # The fingerprint keeps a copy of 192 px, from which it draws: a bit or two may lie on the edge.
        assert picture.fingerprint.hash - imagehash.phash(middle) <= 4
        assert picture.fingerprint.hash == imagehash.phash(picture.fingerprint.draw())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32), waves=st.sampled_from([4, 8, 32]))
def test_the_coefficients_are_those_imagehash_makes_its_bits_of(seed: int, waves: int) -> None:
    shades = np.random.default_rng(seed).integers(0, 256, (waves, waves, 3), dtype=np.uint8)
    view = Image.fromarray(shades).resize((32, 32), Image.Resampling.BICUBIC)
    low = coefficients(brightness(view))
    bits, median = imagehash.phash(view).hash, np.median(low)
    clear = np.abs(low - median) > 1e-6
    assert np.array_equal((low > median)[clear], bits[clear])
