"""The first opinion: what counts as a difference, what is tolerated, and where it is said to be."""

from __future__ import annotations

import io
import struct
import zlib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pixelmatch.contrib.PIL import pixelmatch

from journeys.snapshots import PixelBox, ScreenStatus
from journeys.snapshots.comparison import compare
from journeys.snapshots.comparison.difference import MARK
from journeys.snapshots.comparison.raster import decode
from journeys.snapshots.comparison.regions import MAX_REGIONS
from tests.journeys.snapshots.drawn import SIZE, button, disc, png, screen

SAME, CHANGED, RESIZED = ScreenStatus.SAME, ScreenStatus.CHANGED, ScreenStatus.RESIZED

boxes = st.builds(
    PixelBox,
    left=st.integers(0, SIZE[0] - 1),
    top=st.integers(0, SIZE[1] - 1),
    width=st.integers(3, SIZE[0]),
    height=st.integers(3, SIZE[1]),
).filter(lambda box: box.left + box.width <= SIZE[0] and box.top + box.height <= SIZE[1])


def painted(image: Image.Image, box: PixelBox, colour: str = "#ff7700") -> Image.Image:
    copy = image.copy()
    right, bottom = box.left + box.width - 1, box.top + box.height - 1
    ImageDraw.Draw(copy).rectangle((box.left, box.top, right, bottom), fill=colour)
    return copy


def shaded(image: Image.Image, by: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.asarray(image).astype(int) + by, 0, 255).astype(np.uint8))


def test_a_screen_is_the_same_as_itself_however_it_is_given_and_encoded(tmp_path: Path) -> None:
    image = screen(button())
    stored = tmp_path / "baseline.png"
    stored.write_bytes(png(image))
    for actual in (
        image,
        png(image),
        png(image, compress_level=0),
        stored,
        image.convert("RGBA"),
        image.quantize(64),
    ):
        for baseline in (png(image), stored):
            found = compare(actual, baseline)
            assert (found.status, found.summary, found.regions, found.cause) == (SAME, "the same", (), "")
            assert (found.size, found.baseline_size, found.picture) == (SIZE, SIZE, None)


@pytest.mark.parametrize(
    "form", ["RGB", "RGBA", "P", "L", "LA", "1", "P and tRNS", "RGB and tRNS", "RGB, interlaced"]
)
def test_however_a_png_is_packed_its_pixels_are_the_ones_pillow_sees(form: str) -> None:
    image, encoded = screen(button()), io.BytesIO()
    mode, _, key = form.partition(" and ")
    if form == "RGB, interlaced":
        encoded.write(interlaced(image))
    elif key:
        clear = 0 if mode == "P" else (255, 255, 255)
        image.convert(mode).save(encoded, "PNG", transparency=clear)
    else:
        image.convert(mode).save(encoded, "PNG")
    seen = Image.open(encoded).convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    assert (decode(encoded.getvalue(), "it").levels[..., :3] == np.asarray(on_white)).all()


def test_half_transparent_pixels_are_laid_on_white() -> None:
    levels = np.random.default_rng(5).integers(0, 256, (40, 64, 4), dtype=np.uint8)
    alpha = levels[..., 3:] / 255
    expected = levels[..., :3] * alpha + 255 * (1 - alpha)
    got = decode(png(Image.fromarray(levels)), "it").levels
    assert np.abs(got - expected).max() <= 1


def interlaced(image: Image.Image) -> bytes:
    """Pack a picture by Adam7: seven coarse pictures, one after the other, none of them filtered."""
    levels = np.asarray(image)
    passes = [
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    ]
    rows = [
        b"\0" + row.tobytes() for top, left, down, across in passes for row in levels[top::down, left::across]
    ]
    header = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def test_a_mask_counts_for_pictures_with_and_without_a_fourth_channel_alike() -> None:
    changed = painted(screen(), PixelBox(100, 130, 9, 9))
    for ours, theirs in (("RGB", "RGBA"), ("RGBA", "RGB"), ("RGBA", "RGBA")):
        found = compare(png(changed.convert(ours)), png(screen().convert(theirs)))
        assert [region.box for region in found.regions] == [PixelBox(100, 130, 9, 9)]
        masked = compare(
            png(changed.convert(ours)), png(screen().convert(theirs)), [PixelBox(100, 130, 9, 9)]
        )
        assert masked.status is SAME


def test_what_lies_far_apart_and_tall_is_judged_as_if_it_were_alone() -> None:
    tall = screen(size=(SIZE[0], 1200))
    one, other = PixelBox(30, 130, 20, 300), PixelBox(150, 900, 9, 9)
    both = compare(painted(painted(tall, one), other), tall)
    assert [region.box for region in both.regions] == [one, other]
    assert [region.pixels for region in both.regions] == [6000, 81]
    for each in (one, other):
        assert compare(painted(tall, each), tall).regions[0].box == each


def with_text(encoded: bytes, text: bytes) -> bytes:
    chunk = b"tEXt" + b"Software\0" + text
    said = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return encoded[:33] + said + encoded[33:]


def test_what_is_packed_alike_is_not_even_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = with_text(png(screen()), b"Chromium 139"), with_text(png(screen()), b"Chromium 140")
    changed = with_text(png(screen(button())), b"Chromium 140")
    assert compare(changed, before).status is CHANGED
    monkeypatch.setattr("journeys.snapshots.comparison.difference.decode", None)
    assert compare(after, before).status is SAME
    assert compare(png(screen()), before).size == SIZE
    with pytest.raises(TypeError):
        compare(changed, before)


def test_what_is_transparent_is_seen_on_white() -> None:
    clear = Image.new("RGBA", SIZE, (255, 0, 0, 0))
    assert compare(clear, Image.new("RGB", SIZE, "white")).status is SAME
    assert compare(clear, Image.new("RGB", SIZE, "red")).status is CHANGED


@given(boxes)
@settings(deadline=None, max_examples=60)
def test_a_box_of_another_colour_is_found_where_it_is(box: PixelBox) -> None:
    found = compare(painted(screen(), box), screen())
    assert found.status is CHANGED
    assert found.regions[0].box == box
    assert len(found.regions) == 1
    assert found.regions[0].pixels == box.width * box.height


@given(boxes, boxes)
@settings(deadline=None, max_examples=60)
def test_what_is_masked_is_ignored_and_what_is_beside_it_is_not(mask: PixelBox, box: PixelBox) -> None:
    inside = (
        mask.left <= box.left
        and mask.top <= box.top
        and box.left + box.width <= mask.left + mask.width
        and box.top + box.height <= mask.top + mask.height
    )
    assert compare(painted(screen(), mask), screen(), [mask]).status is SAME
    found = compare(painted(screen(), box), screen(), [mask])
    assert (found.status is SAME) == inside


def test_a_mask_may_reach_over_the_edge_and_be_empty() -> None:
    changed = painted(screen(), PixelBox(190, 150, 10, 10))
    assert compare(changed, screen(), [PixelBox(185, 145, 500, 500)]).status is SAME
    assert compare(changed, screen(), [PixelBox(190, 150, 0, 10)]).status is CHANGED


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_a_level_up_or_down_is_rounding(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(-1, 2, size=(SIZE[1], SIZE[0], 3))
    assert compare(shaded(screen(), noise), screen()).status is SAME


def test_two_levels_all_the_same_way_are_another_colour() -> None:
    darker = np.zeros((SIZE[1], SIZE[0], 3), dtype=int)
    darker[110:140, 20:100] = -2
    found = compare(shaded(screen(), darker), screen())
    assert [region.box for region in found.regions] == [PixelBox(20, 110, 80, 30)]


def test_two_levels_both_ways_are_noise_and_told_as_such() -> None:
    rows, columns = np.indices((30, 80))
    noise = np.zeros((SIZE[1], SIZE[0], 3), dtype=int)
    noise[110:140, 20:100] = np.where((rows + columns) % 2, 2, -2)[..., None]
    found = compare(shaded(screen(), noise), screen())
    assert (found.status, found.tolerated) == (SAME, 2400)
    assert "2400 pixels" in found.summary


def test_a_few_faint_pixels_are_tolerated_but_not_a_word_of_them() -> None:
    for count, expected in ((11, SAME), (12, CHANGED)):
        faint = np.zeros((SIZE[1], SIZE[0], 3), dtype=int)
        faint[120, 100 : 100 + count] = -8
        assert compare(shaded(screen(), faint), screen()).status is expected, count


def test_an_edge_a_fraction_of_a_pixel_further_is_tolerated_and_a_whole_pixel_is_not() -> None:
    before = disc((50, 50), 6)
    assert before.tobytes() != disc((50.25, 50), 6).tobytes()
    assert compare(disc((50.25, 50), 6), before).status is SAME
    assert compare(disc((51, 50), 6), before).status is CHANGED
    # Plain pixelmatch takes all of it for anti-aliasing.
    assert pixelmatch(disc((51, 50), 6), before, None) == 0


def test_a_heavier_stroke_is_a_difference_although_only_edges_differ() -> None:
    before, heavier = disc((50, 50), 30, width=2), disc((50, 50), 30, width=2.125)
    assert pixelmatch(heavier, before, None) == 0
    assert compare(heavier, before).status is CHANGED


def rounded(radius: float, *, samples: int = 16) -> Image.Image:
    """Draw a card with rounded corners, as finely sampled as a renderer does it."""
    image = Image.new("RGB", (120 * samples, 100 * samples), "white")
    ImageDraw.Draw(image).rounded_rectangle(
        (20 * samples, 20 * samples, 100 * samples - 1, 80 * samples - 1), radius * samples, fill="#222"
    )
    return image.reduce(samples)


@pytest.mark.parametrize(
    "after", [rounded(12.25), rounded(12.5), rounded(12, samples=4), rounded(12, samples=2)]
)
def test_a_corner_at_two_pixels_to_a_logical_one_may_be_drawn_another_way(after: Image.Image) -> None:
    before = rounded(12)
    assert after.tobytes() != before.tobytes()
    assert pixelmatch(after, before, None) == 0
    assert compare(after, before, pixel_ratio=2.0).status is SAME
    # As many pixels of a corner at one pixel to a logical one are a corner of twice the size.
    assert compare(after, before).status is CHANGED


def test_a_heavier_stroke_is_a_difference_at_two_pixels_to_a_logical_one_too() -> None:
    before, heavier = disc((50, 50), 30, width=4), disc((50, 50), 30, width=4.25)
    assert compare(heavier, before, pixel_ratio=2.0).status is CHANGED
    darker = np.zeros((SIZE[1], SIZE[0], 3), dtype=int)
    darker[110:118, 20:28] = -3
    assert compare(shaded(screen(), darker), screen(), pixel_ratio=2.0).status is CHANGED


@pytest.mark.parametrize("x", [51.0, 52.5, 60.25])
def test_nothing_is_missed_that_pixelmatch_finds(x: float) -> None:
    after, before = disc((x, 50), 30), disc((50, 50), 30)
    assert (
        sum(region.pixels for region in compare(after, before).regions) >= pixelmatch(after, before, None) > 0
    )


def test_far_apart_are_two_regions_and_near_together_one() -> None:
    for apart, regions in ((3, 1), (7, 1), (40, 2)):
        changed = painted(painted(screen(), PixelBox(24, 120, 8, 8)), PixelBox(32 + apart, 120, 8, 8))
        found = compare(changed, screen())
        assert len(found.regions) == regions, apart
        assert sum(region.pixels for region in found.regions) == 128


def test_near_is_meant_in_logical_pixels() -> None:
    changed = painted(painted(screen(), PixelBox(24, 120, 8, 8)), PixelBox(72, 120, 8, 8))
    assert len(compare(changed, screen(), pixel_ratio=1).regions) == 2
    assert len(compare(changed, screen(), pixel_ratio=4).regions) == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
@settings(deadline=None, max_examples=25)
def test_regions_are_few_apart_and_hold_every_pixel(seed: int, dots: int) -> None:
    size = (640, 480)
    changed = np.zeros((size[1], size[0]), dtype=bool)
    for row, column in np.random.default_rng(seed).integers(0, (size[1] - 3, size[0] - 3), size=(dots, 2)):
        changed[row : row + 3, column : column + 3] = True
    levels = np.asarray(screen(size=size)).copy()
    levels[changed] = (255, 0, 255)
    found = compare(Image.fromarray(levels), screen(size=size))
    assert 1 <= len(found.regions) <= MAX_REGIONS
    assert sum(region.pixels for region in found.regions) == np.count_nonzero(changed)
    for one, other in combinations((region.box for region in found.regions), 2):
        assert (
            one.left + one.width <= other.left
            or other.left + other.width <= one.left
            or one.top + one.height <= other.top
            or other.top + other.height <= one.top
        )
    tops = [region.box.top for region in found.regions]
    assert tops == sorted(tops)


def test_the_difference_picture_marks_what_differs_and_nothing_else() -> None:
    found = compare(screen(button(120, 100)), screen(button(120, 108)))
    assert found.picture is not None
    assert found.picture.size == SIZE
    marked = (np.asarray(found.picture.convert("RGB")) == MARK).all(axis=2)
    expected = np.zeros_like(marked)
    expected[100:108, 120:180] = expected[124:132, 120:180] = True
    assert (marked == expected).all()


def test_sizes_that_differ_are_said_and_what_both_share_is_compared() -> None:
    wide = screen(size=(SIZE[0] + 30, SIZE[1]))
    found = compare(wide, screen())
    assert found.status is RESIZED
    assert (found.size, found.baseline_size) == (wide.size, SIZE)
    assert found.summary == "was 200x160 pixels, is 230x160; what both share is the same"
    assert found.cause
    changed = compare(painted(wide, PixelBox(100, 130, 9, 9)), screen())
    assert [region.box for region in changed.regions] == [PixelBox(100, 130, 9, 9)]
    assert changed.summary.startswith("was 200x160 pixels, is 230x160; ")
    assert changed.picture is not None
    assert changed.picture.size == wide.size
