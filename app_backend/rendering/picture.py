"""From the bytes somebody sent to the renditions everybody sees, and what they would cost to decode.

The cost is read from a picture's structure alone, before anything is decoded. A file of a few hundred kB can
keep a decoder busy for minutes: a JPEG of thousands of scans, each of which goes over all pixels; a PNG of a
million chunks; a GIF whose remark comes in pieces of one byte. Limits of bytes and pixels don't see that. The
ones here lie several times above what cameras, phones and editors write, and what is within them takes one to
two seconds at the very most.

Whether a file is sound is for its decoder to say: what can't be followed here is left to it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from app_backend.errors import Problem
from picture_reader import DecodingError, EncodedPicture, UnsupportedFormat, format_of

SIZES = (48, 96, 192, 512)
"""The side lengths of the renditions, in pixels."""

WORKING_SIDE = 1024
"""Larger pictures are reduced to this before anything else: enough for the largest rendition."""


@dataclass(frozen=True)
class PictureLimits:
    """How large and how small a picture may be."""

    max_bytes: int
    max_pixels: int
    min_side: int


def check_kind(data: bytes) -> None:
    """Look at a file's first bytes alone; raises `Problem` (415 or 422) where it is none that we take."""
    try:
        format_of(data)
    except DecodingError as error:
        raise _problem(error) from error


def renditions(data: bytes, limits: PictureLimits) -> dict[int, bytes]:
    """Return WebP renditions by size; raises `Problem` (415 or 422) where the picture can't be used.

    The picture is read as browsers show it, upright, in sRGB and on white, and cropped to its central square;
    nothing but pixels is kept of it. This takes the processor for a while: call it off the event loop.
    """
    check_cost(data)
    try:
        picture = EncodedPicture(data, most_pixels=limits.max_pixels)
        width, height = picture.size
        if min(width, height) < limits.min_side:
            raise Problem(
                422, f"the picture has {width} x {height} pixels; each side needs {limits.min_side}"
            )
        return encode(picture.pixels(square=WORKING_SIDE))
    except DecodingError as error:
        raise _problem(error) from error
    except MemoryError as error:
        raise Problem(422, "the picture takes more memory than one may") from error


def encode(square: Image.Image) -> dict[int, bytes]:
    """Return a square RGB picture in every size, as WebP without metadata."""
    square.info.clear()
    return {size: _webp(square.resize((size, size), Image.Resampling.LANCZOS)) for size in SIZES}


def _webp(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, "WEBP", quality=90, method=4)
    return output.getvalue()


def _problem(error: DecodingError) -> Problem:
    return Problem(415 if isinstance(error, UnsupportedFormat) else 422, str(error))


MAX_BLOCKS = 32_000_000
"""How many blocks of 8 x 8 values all scans of a JPEG together may go over; 10 to 40 ns each.

A progressive photograph of 48 megapixels without subsampling has 11 million: 750,000 a component, which up to
six scans refine.
"""

MAX_SCANS = 200
"""Encoders write 10, optimising ones up to 64."""

MAX_SEGMENTS = 4_096
"""Segments of a JPEG: metadata comes in 160 at most, as each can have 64 KiB of 10 MiB."""

MAX_PADDING_BYTES = 256 * 1024
"""Bytes between the segments of a JPEG that belong to none: some cameras pad."""

MAX_CHUNKS = 20_000
"""Chunks of a PNG or WebP. Encoders write 8 KiB of pixels into each: 1,280 in 10 MiB."""

MAX_INFLATED_BYTES = 256 * 1024 * 1024
"""What a PNG's pixels may come to: 48 megapixels of four channels have 192 MB."""

MAX_REMARK_BLOCKS = 4_096
"""Blocks of up to 255 bytes in a GIF before its first frame that are not pixels."""

WEIGHTS = {0xC0: 1, 0xC1: 1, 0xC2: 1, 0xC9: 20, 0xCA: 20}
"""What a block counts for, by the kind of a JPEG's frame: an arithmetic code takes far longer than Huffman's.

Frames of other kinds, no browser shows and nothing reads.
"""

EOI, SOS = 0xD9, 0xDA
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
MARKER = re.compile(rb"\xff+([^\x00\xff])")
END_OF_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Of a PNG, by its type of colours."""


def check_cost(data: bytes) -> None:
    """Raise `Problem` (422) for a picture that would take too much work, whatever its size.

    Looks at the structure of a JPEG, PNG, WebP or GIF, in time that grows with the number of bytes alone.
    """
    for magic, check in CHECKS.items():
        if magic.match(data):
            try:
                check(data)
            except (struct.error, IndexError):  # cut off: its decoder says so, in its own words
                return


def _check_jpeg(data: bytes) -> None:
    costs = _JpegCosts()
    position = 2
    while (found := MARKER.search(data, position)) is not None:
        costs.pad(found.end() - 2 - position)
        kind, position = found[1][0], found.end()
        if kind == EOI and costs.scans:
            break
        if kind in WITHOUT_LENGTH:
            continue
        end = position + max(2, struct.unpack_from(">H", data, position)[0])
        body = data[position + 2 : end]
        position = end
        costs.count(kind, body)
        if kind == SOS:
            stop = END_OF_SCAN.search(data, position)
            position = stop.start() if stop is not None else len(data)


@dataclass
class _JpegCosts:
    """Counts what a JPEG's decoder will have to do."""

    segments: int = 0
    scans: int = 0
    blocks: int = 0
    padding: int = 0
    blocks_of: dict[int, int] = field(default_factory=dict)
    """How many blocks a scan of each component goes over."""

    def pad(self, count: int) -> None:
        self.padding += count
        if self.padding > MAX_PADDING_BYTES:
            raise _too_costly_problem("it has too much between its parts that belongs to none")

    def count(self, kind: int, body: bytes) -> None:
        self.segments += 1
        if self.segments > MAX_SEGMENTS:
            raise _too_costly_problem(f"it has more than {MAX_SEGMENTS:,} parts")
        if kind in WEIGHTS:
            self._measure(body, WEIGHTS[kind])
        if kind == SOS:
            self._scan(body)

    def _measure(self, frame: bytes, weight: int) -> None:
        height, width, count = struct.unpack_from(">HHB", frame, 1)
        parts = [struct.unpack_from("BB", frame, 6 + 3 * number) for number in range(count)]
        samplings = [(max(1, each >> 4), max(1, each & 15)) for _, each in parts]
        across, down = (max(each, default=1) for each in zip(*samplings, strict=True)) if parts else (1, 1)
        for (name, _), (wide, high) in zip(parts, samplings, strict=True):
            blocks = weight * -(-width * wide // (8 * across)) * -(-height * high // (8 * down))
            # Of two frames the larger counts; decoders refuse them.
            self.blocks_of[name] = max(self.blocks_of.get(name, 0), blocks)

    def _scan(self, head: bytes) -> None:
        self.scans += 1
        names = [head[1 + 2 * number] for number in range(head[0])]
        self.blocks += sum(self.blocks_of.get(name, 0) for name in names)
        if self.scans > MAX_SCANS or self.blocks > MAX_BLOCKS:
            raise _too_costly_problem(f"it builds up in too many steps ({self.scans} scans and more)")


def _check_png(data: bytes) -> None:
    position = 8
    for _ in range(MAX_CHUNKS):
        length, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if kind == b"IHDR":
            width, height, depth, colours = struct.unpack_from(">IIBB", data, start)
            if height * -(-width * depth * CHANNELS.get(colours, 4) // 8) > MAX_INFLATED_BYTES:
                raise _too_costly_problem(f"it has too many pixels of {depth} bits a channel")
        if kind == b"IEND":
            return
        position = start + length + 4
    raise _too_costly_problem(f"it has more than {MAX_CHUNKS:,} parts")


def _check_webp(data: bytes) -> None:
    position = 12
    for _ in range(MAX_CHUNKS):
        length = struct.unpack_from("<I", data, position + 4)[0]
        position += 8 + length + length % 2
    raise _too_costly_problem(f"it has more than {MAX_CHUNKS:,} parts")


def _check_gif(data: bytes) -> None:
    flags = data[10]
    position = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    left = MAX_REMARK_BLOCKS
    while data[position] == 0x21:
        position += 2
        length = 1
        while length:  # an empty block ends a run of them
            length = data[position]
            position += 1 + length
            left -= 1
            if left < 0:
                raise _too_costly_problem(f"it has more than {MAX_REMARK_BLOCKS:,} blocks of remarks")


def _too_costly_problem(why: str) -> Problem:
    return Problem(422, f"the picture would take too much work to read, as {why}: save it anew")


CHECKS: dict[re.Pattern[bytes], Callable[[bytes], None]] = {
    re.compile(rb"\xff\xd8\xff"): _check_jpeg,
    re.compile(rb"\x89PNG\r\n\x1a\n"): _check_png,
    re.compile(rb"RIFF....WEBP", re.DOTALL): _check_webp,
    re.compile(rb"GIF8[79]a"): _check_gif,
}
