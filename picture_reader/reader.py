"""From a file's bytes to the pixels that a browser would show of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from io import BytesIO
from typing import Final

# Imported by name: Pillow would load all its formats to find WebP.
from PIL import (
    GifImagePlugin,
    Image,
    ImageChops,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from picture_reader.colours import flatten_on_white, to_srgb
from picture_reader.formats import (
    DecodingError,
    PictureFormat,
    PixelFile,
    cut_off_error,
    damage_error,
    format_of,
)
from picture_reader.jpeg import read_jpeg
from picture_reader.png import holds_all_rows, read_png

PLUGINS: Final = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin, GifImagePlugin)

# The eight values of EXIF's orientation, as what has to be done to see the picture upright.
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What an extended WebP says that it has.
_WEBP_PROFILE, _WEBP_ANIMATION = 0x20, 0x02


class EncodedPicture:
    """A picture's file, of which no more than the head has been read.

        picture = EncodedPicture(data, most_pixels=40_000_000)
        picture.format, picture.size
        picture.pixels(square=1024)

    Its pixels are those that browsers show. Metadata decides over nothing but the orientation (EXIF's, where
    browsers heed it) and the colours (profiles), and damage in it harms nothing. `most_pixels` bounds width
    times height. Raises `UnsupportedFormat` where it is of a format that isn't read, `DecodingError` where it
    is none, is damaged, or too large.
    """

    def __init__(self, data: bytes, *, most_pixels: int) -> None:
        self.format = format_of(data)
        self._file = _pixel_file(self.format, data)
        self._image = _guard(lambda: Image.open(BytesIO(self._file.data), formats=(self.format.value,)))
        self.size = self._image.size
        """Width and height, in pixels, as stored: the orientation may exchange them."""
        if self.size[0] * self.size[1] > most_pixels:
            raise _too_large_error(f"{self.size[0]} x {self.size[1]} pixels, more than {most_pixels:,}")

    def pixels(self, *, square: int | None = None) -> Image.Image:
        """Return the picture: upright, RGB in sRGB, on white where it is transparent, without metadata.

        With `square`, its middle square, reduced to so many pixels a side where it has more: large JPEGs then
        take a fraction of time and memory. Can be called once. Raises `DecodingError` where the file is
        damaged.
        """
        return _guard(lambda: self._pixels(square))

    def _pixels(self, square: int | None) -> Image.Image:
        image = self._image
        if square is not None:
            # Lets JPEG's decoder do the first, coarse reduction.
            image.draft(None, (square, square))
        image.load()
        if self._file.packed and _ends_blank(image) and not holds_all_rows(self._file):
            raise cut_off_error()
        image = self._eight_bits()
        turn = _UPRIGHT.get(self._file.orientation)
        if turn is not None:
            image = image.transpose(turn)
        if square is not None:
            image = _middle(image, square)
        return flatten_on_white(to_srgb(image, self._profile()))

    def _profile(self) -> bytes:
        if self.format is not PictureFormat.WEBP:
            return self._file.profile
        data = self._file.data
        flags = data[20] if data[12:16] == b"VP8X" else 0
        found = self._image.info.get("icc_profile")
        # As browsers do: in an animation the profile doesn't count.
        return found or b"" if flags & _WEBP_PROFILE and not flags & _WEBP_ANIMATION else b""

    def _eight_bits(self) -> Image.Image:
        """Return the pixels in a mode that can be scaled well: L, LA, RGB, RGBA or CMYK."""
        image = self._image
        if self._file.transparent:
            return self._remove_transparent_colour()
        if image.mode.startswith("I"):
            # 16 bits a pixel: scaled down to 8, as a plain conversion would clip them.
            return image.convert("I").point([round(value / 257) for value in range(65_536)], "L")
        if image.mode == "1":
            return image.convert("L")
        if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"}:
            return image
        return image.convert("RGBA" if image.has_transparency_data else "RGB")

    def _remove_transparent_colour(self) -> Image.Image:
        """Return the pixels, those of the file's transparent colour without any."""
        image, depth = self._image, self._file.depth
        # The samples of every depth but 16 were stretched to 8 bits when they were decoded.
        wanted = list(self._file.transparent)
        if depth < 16:
            wanted = [(value & 255) * 255 // (2**depth - 1) for value in wanted]
        if image.mode.startswith("I"):
            wide = image.convert("I")
            alpha = wide.point([0 if value == wanted[0] else 255 for value in range(65_536)], "L")
            colours = wide.point([round(value / 257) for value in range(65_536)], "L")
        else:
            colours = image.convert("L" if len(wanted) == 1 else "RGB")
            colours.info.clear()
            parts = [(colours, wanted)]
            if depth == 16:
                high, low = ([value >> shift & 255 for value in wanted] for shift in (8, 0))
                parts = [(colours, high), (self._low_bytes(), low)]
            alpha = _mask_unequal(parts)
        colours.putalpha(alpha)
        return colours

    def _low_bytes(self) -> Image.Image:
        """Decode once more, of each 16 bits the lower eight, which Pillow leaves out."""
        again = Image.open(BytesIO(self._file.data), formats=(self.format.value,))
        again.tile = [part._replace(args="RGB;16L") for part in again.tile]
        again.load()
        again.info.clear()
        return again


def _mask_unequal(parts: list[tuple[Image.Image, list[int]]]) -> Image.Image:
    """Return where any band of any of the images isn't the value wanted of it, as 255 in a mask."""
    masks = [
        band.point([0 if each == value else 255 for each in range(256)])
        for image, wanted in parts
        for band, value in zip(image.split(), wanted, strict=True)
    ]
    return reduce(ImageChops.lighter, masks)


def _middle(image: Image.Image, most: int) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    if side <= most:
        return image.crop(box)
    return image.resize((most, most), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _ends_blank(image: Image.Image) -> bool:
    """Whether one of the last two rows holds only zeros: of an interlaced picture, either may come last."""
    width, height = image.size
    rows = (image.crop((0, row, width, row + 1)) for row in range(max(0, height - 2), height))
    return any(row.getbbox(alpha_only=False) is None for row in rows)


def _pixel_file(kind: PictureFormat, data: bytes) -> PixelFile:
    if kind is PictureFormat.JPEG:
        return read_jpeg(data)
    if kind is PictureFormat.PNG:
        return read_png(data)
    if kind is PictureFormat.WEBP and int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise cut_off_error()
    return PixelFile(data)


def _guard(work: Callable[[], Image.Image]) -> Image.Image:
    """Call Pillow; whatever a stranger's file makes it raise, or warn of, becomes a `DecodingError`."""
    try:
        return work()
    except DecodingError:
        raise
    except MemoryError as error:
        raise DecodingError("the picture takes more memory than one may; choose a smaller one") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large_error("far too many pixels") from error
    except UnidentifiedImageError as error:
        raise damage_error("its head makes no sense") from error
    except Exception as error:  # its decoders raise whatever comes up in them
        if "truncated" in str(error):
            raise cut_off_error() from error
        raise damage_error(" ".join(str(error).split())[:100] or type(error).__name__) from error


def _too_large_error(what: str) -> DecodingError:
    return DecodingError(f"the picture has {what}; choose a smaller one")
