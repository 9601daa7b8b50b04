"""Pictures that are none, damaged or enormous: a line that says so, no crash and no memory for it."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.snapshots import ScreenStatus
from journeys.snapshots.comparison import Difference, UnreadablePicture, compare
from journeys.snapshots.comparison.raster import MAX_PIXELS, MAX_PNG_BYTES
from tests.journeys.snapshots.drawn import SIZE, button, png, screen

GOOD = png(screen(button()))


def bomb(width: int, height: int) -> bytes:
    """Make a small file that says it is a large picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


BAD = {
    "empty": (b"", "no PNG"),
    "a text": (b"<html>not a picture, and longer than a header would be</html>", "no PNG"),
    "cut off": (GOOD[: len(GOOD) // 2], "damaged"),
    "no pixels": (bomb(*SIZE), "damaged"),
    "a bomb": (bomb(100_000, 100_000), "too large"),
    "no width": (bomb(0, 10), "damaged"),
}


@pytest.mark.parametrize(("bad", "why"), BAD.values(), ids=list(BAD))
def test_a_baseline_that_is_no_picture_is_told_and_the_screen_is_still_there(bad: bytes, why: str) -> None:
    found = compare(GOOD, bad)
    assert found.status is ScreenStatus.UNREADABLE
    assert found.summary.startswith("the baseline is ")
    assert why in found.summary
    assert "\n" not in found.summary
    assert (found.size, found.baseline_size) == (SIZE, None)
    assert found.cause == compare(GOOD, b"another").cause


@pytest.mark.parametrize(("bad", "why"), BAD.values(), ids=list(BAD))
def test_a_screenshot_that_is_no_picture_is_an_error(bad: bytes, why: str) -> None:
    with pytest.raises(UnreadablePicture, match=f"^the screenshot is .*{why}"):
        compare(bad, GOOD)


def test_both_being_the_same_bytes_makes_no_picture_of_them() -> None:
    with pytest.raises(UnreadablePicture, match="the screenshot is no PNG"):
        compare(b"nothing", b"nothing")


@pytest.mark.parametrize(
    ("arrived", "what"),
    [
        (b"<!doctype html><title>Sign in</title>", "it looks like an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "it is Git LFS's pointer to a file"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "it is a JPEG"),
        (b'{"error": "no such picture, as you may know"}', "it looks like JSON"),
    ],
)
def test_what_came_in_the_place_of_a_picture_is_said(arrived: bytes, what: str) -> None:
    assert f"the baseline is no PNG: {what}" in compare(GOOD, arrived).summary


def test_a_bomb_is_refused_before_any_of_it_is_decoded() -> None:
    side = int(MAX_PIXELS**0.5) + 1
    tracemalloc.start()
    try:
        assert compare(GOOD, bomb(side, side)).status is ScreenStatus.UNREADABLE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < side * side / 10


def test_a_file_that_is_too_large_is_read_no_further(tmp_path: Path) -> None:
    enormous = tmp_path / "enormous.png"
    with enormous.open("wb") as file:
        file.truncate(MAX_PNG_BYTES + 100)
    assert compare(GOOD, enormous).summary == "the baseline has more than 64 MiB: no screenshot has"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "the baseline can't be read (No such file" in compare(GOOD, tmp_path / "gone.png").summary


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(deadline=None, max_examples=150)
def test_whatever_byte_is_wrong_there_is_an_answer(at: int, flip: int) -> None:
    damaged = bytearray(GOOD)
    damaged[at] ^= flip
    assert isinstance(compare(GOOD, bytes(damaged)), Difference)


@given(st.integers(0, len(GOOD) - 1))
@settings(deadline=None, max_examples=50)
def test_wherever_a_file_ends_there_is_an_answer(end: int) -> None:
    found = compare(GOOD, GOOD[:end])
    # What is behind the pixels, checksums and an empty chunk, holds nothing that is seen.
    assert found.status in {ScreenStatus.UNREADABLE, ScreenStatus.SAME}
    assert found.status is ScreenStatus.UNREADABLE or end >= len(GOOD) - 24
