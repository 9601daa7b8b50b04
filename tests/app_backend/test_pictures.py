"""What becomes of a picture: upright, square, sRGB, without metadata; or refused with a reason."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageCms, ImageOps
from PIL.ImageCms import ImageCmsProfile

from app_backend.avatars import SIZES, PictureLimits, renditions
from app_backend.avatars.drawings import draw_default, draw_hills, draw_sails
from app_backend.errors import Problem

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture

LIMITS = PictureLimits(max_bytes=10_000_000, max_pixels=4_000_000, min_side=64)
CORNERS = {(0, 0): (255, 0, 0), (1, 0): (0, 255, 0), (0, 1): (0, 0, 255), (1, 1): (0, 0, 0)}


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def assert_near(seen: object, wanted: tuple[int, ...], tolerance: int = 24) -> None:
    assert isinstance(seen, tuple)
    assert all(abs(a - b) <= tolerance for a, b in zip(seen, wanted, strict=True)), f"{seen} is not {wanted}"


def srgb_profile() -> bytes:
    profile: Any = ImageCmsProfile(ImageCms.createProfile("sRGB"))
    data: bytes = profile.tobytes()
    return data


def assert_upright(image: Image.Image) -> None:
    side = image.width
    for (column, row), colour in CORNERS.items():
        assert_near(image.getpixel((side // 4 + column * side // 2, side // 4 + row * side // 2)), colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_becomes_square_webp_in_four_sizes(picture: MakePicture, kind: str) -> None:
    files = renditions(picture((700, 300), kind=kind), LIMITS)

    assert set(files) == set(SIZES)
    for size, data in files.items():
        image = Image.open(BytesIO(data))
        assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (size, size))
        assert_upright(image)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_exif_orientation_is_applied(picture: MakePicture, orientation: int, kind: str) -> None:
    # Turn the pixels so that a viewer who heeds the orientation sees the picture upright.
    undone = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    exif = Image.Exif()
    exif[0x0112] = undone.get(orientation, 1)
    turned = opened(picture((600, 400)))
    turned.info["exif"] = exif.tobytes()
    pixels = ImageOps.exif_transpose(turned)
    exif[0x0112] = orientation
    output = BytesIO()
    pixels.save(output, kind, exif=exif.tobytes())

    assert_upright(opened(renditions(output.getvalue(), LIMITS)[512]))


def test_no_metadata_is_kept(picture: MakePicture) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    exif.get_ifd(0x8825)[1] = "N"
    profile = srgb_profile()
    data = picture(kind="JPEG", exif=exif.tobytes(), icc_profile=profile, comment=b"a secret word")

    for content in renditions(data, LIMITS).values():
        image = Image.open(BytesIO(content))
        assert not dict(image.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
        assert b"secret" not in content


def test_colours_are_converted_to_srgb(picture: MakePicture) -> None:
    """A profile that swaps red and green must show: the pixels are changed, not the profile dropped."""
    srgb = srgb_profile()
    red, green = (srgb.index(tag) for tag in (b"rXYZ", b"gXYZ"))
    swapped = bytearray(srgb)
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    data = picture(icc_profile=bytes(swapped))

    image = opened(renditions(data, LIMITS)[512])

    assert_near(image.getpixel((128, 128)), (0, 255, 0))
    assert_near(image.getpixel((384, 128)), (255, 0, 0))


def test_a_damaged_colour_profile_is_ignored(picture: MakePicture) -> None:
    assert_upright(opened(renditions(picture(icc_profile=b"no profile at all"), LIMITS)[192]))


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 100, 200))
    output = BytesIO()
    image.save(output, "PNG")

    flat = opened(renditions(output.getvalue(), LIMITS)[192])

    assert_near(flat.getpixel((40, 96)), (0, 0, 255))
    assert_near(flat.getpixel((150, 96)), (255, 255, 255))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("P", "GIF")],
)
def test_every_mode_is_understood(picture: MakePicture, mode: str, kind: str) -> None:
    grey = opened(renditions(picture(kind=kind, mode=mode), LIMITS)[96])

    assert_near(grey.getpixel((72, 72)), (0, 0, 0))


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    image = Image.new("I;16", (100, 100), 0x8000)
    output = BytesIO()
    image.save(output, "PNG")

    assert_near(opened(renditions(output.getvalue(), LIMITS)[96]).getpixel((48, 48)), (128, 128, 128), 4)


def test_only_the_first_frame_of_an_animation_shows() -> None:
    first, second = (Image.new("RGB", (100, 100), colour) for colour in ("red", "blue"))
    output = BytesIO()
    first.save(output, "GIF", save_all=True, append_images=[second])

    assert_near(opened(renditions(output.getvalue(), LIMITS)[96]).getpixel((48, 48)), (255, 0, 0))


def png_head(width: int, height: int) -> bytes:
    """A tiny file that claims to hold a huge picture."""
    chunks = b""
    for name, body in (
        (b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(1000))),
        (b"IEND", b""),
    ):
        chunks += struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        pytest.param(b"GIF89a but nothing more", 422, "", id="a magic number alone"),
        pytest.param(b"hello", 422, "no picture", id="text"),
        pytest.param(bytes(5000), 422, "no picture", id="zeros"),
        pytest.param(png_head(2001, 2000), 422, "more than 4,000,000", id="just too many pixels"),
        pytest.param(png_head(12_000, 9_000), 422, "pixels", id="suspiciously many pixels"),
        pytest.param(png_head(60_000, 60_000), 422, "too many pixels", id="decompression bomb"),
        pytest.param(png_head(300, 63), 422, "needs 64", id="too small"),
        pytest.param(png_head(300, 300), 422, "cut off", id="too few bytes for its size"),
        pytest.param(b"BM" + bytes(100), 415, "BMP", id="bmp"),
        pytest.param(b"II*\x00" + bytes(100), 415, "TIFF", id="tiff"),
        pytest.param(b"%PDF-1.7", 415, "PDF", id="pdf"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "SVG", id="svg"),
        pytest.param(b"\0\0\0\x1cftypheic" + bytes(50), 415, "HEIF", id="heif"),
    ],
)
def test_what_is_no_good_is_refused_with_a_reason(data: bytes, status: int, reason: str) -> None:
    with pytest.raises(Problem) as refusal:
        renditions(data, LIMITS)

    assert refusal.value.status == status
    assert reason in refusal.value.detail


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_picture_that_is_cut_off_is_refused(picture: MakePicture, kind: str, part: float) -> None:
    data = picture((400, 400), kind=kind)

    with pytest.raises(Problem) as refusal:
        renditions(data[: int(len(data) * part)], LIMITS)

    assert refusal.value.status == 422


def test_our_own_drawings_are_far_apart() -> None:
    """A perceptual hash must tell them from one another, in the middle that it looks at."""

    def difference_hash(image: Image.Image) -> list[bool]:
        inner = ImageOps.crop(image, round(image.width * 0.15)).convert("L").resize((9, 8))
        grey = list(inner.tobytes())
        return [
            grey[row * 9 + column] > grey[row * 9 + column + 1] for row in range(8) for column in range(8)
        ]

    hashes = [difference_hash(draw()) for draw in (draw_default, draw_hills, draw_sails)]

    for index, one in enumerate(hashes):
        for other in hashes[index + 1 :]:
            assert sum(a != b for a, b in zip(one, other, strict=True)) >= 16
