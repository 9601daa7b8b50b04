"""ICC profiles written by hand, odd ones among them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Sequence

Triple = tuple[float, float, float]
Tags = Sequence[tuple[bytes, bytes]]

ADOBE: tuple[Triple, Triple, Triple] = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
DISPLAY_P3: tuple[Triple, Triple, Triple] = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)


def fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


def xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + fixed(*values)


def gamma(exponent: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(exponent * 256))


def curve(shape: Callable[[float], float], points: int) -> bytes:
    values = (round(65_535 * shape(index / (points - 1))) for index in range(points))
    return (
        b"curv"
        + bytes(4)
        + struct.pack(">I", points)
        + b"".join(struct.pack(">H", value) for value in values)
    )


def profile(
    space: bytes, tags: Tags, *, kind: bytes = b"mntr", pcs: bytes = b"XYZ ", version: int = 2
) -> bytes:
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(bodies), len(body))
        bodies += body + bytes(-len(body) % 4)
    size = 128 + len(table) + len(bodies)
    head = bytearray(128)
    struct.pack_into(">I4xB3x4s4s4s", head, 0, size, version, kind, space, pcs)
    head[36:40] = b"acsp"
    head[68:80] = fixed(0.9642, 1.0, 0.8249)
    return bytes(head) + table + bodies


def rgb(
    primaries: Sequence[Sequence[float]] = ADOBE, tone: bytes | float = 1.2, **head: bytes | int
) -> bytes:
    tones = tone if isinstance(tone, bytes) else gamma(tone)
    tags = [(b"wtpt", xyz((0.9642, 1.0, 0.8249)))]
    tags += [(name, xyz(each)) for name, each in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)]
    tags += [(name, tones) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"RGB ", tags, **head)  # type: ignore[arg-type]  # damaged on purpose


def grey(exponent: float = 1.0, pcs: bytes = b"XYZ ") -> bytes:
    return profile(b"GRAY", [(b"wtpt", xyz((0.9642, 1.0, 0.8249))), (b"kTRC", gamma(exponent))], pcs=pcs)


def table(inks: int, lab: Callable[..., Triple], points: int) -> bytes:
    """A table of Lab colours by inks, of 8 bits."""
    steps = [index / (points - 1) for index in range(points)]
    grid = bytes(
        max(0, min(255, round(value)))
        for amounts in itertools.product(steps, repeat=inks)
        for lightness, a, b in (lab(*amounts),)
        for value in (lightness * 2.55, a + 128, b + 128)
    )
    same = bytes(range(256))
    matrix = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return b"mft1" + bytes(4) + bytes((inks, 3, points, 0)) + matrix + same * inks + grid + same * 3


def inks(cyan: float, magenta: float, yellow: float, black: float = 0.0) -> Triple:
    lightness = 95 * (1 - 0.45 * cyan) * (1 - 0.5 * magenta) * (1 - 0.1 * yellow)
    a, b = -30 * cyan + 70 * magenta - 5 * yellow, -45 * cyan - 5 * magenta + 85 * yellow
    return lightness * (1 - 0.95 * black) + 10 * black, a * (1 - 0.95 * black), b * (1 - 0.95 * black)


def darker(*amounts: float) -> Triple:
    lightness, a, b = inks(*amounts)
    return lightness * 0.6, a, b


def press(*, kinds: Tags = (), points: int = 9) -> bytes:
    tags = kinds or [(b"A2B0", table(4, inks, points))]
    return profile(b"CMYK", [(b"wtpt", xyz((0.9642, 1.0, 0.8249))), *tags], kind=b"prtr", pcs=b"Lab ")


def screen_table() -> bytes:
    by_light = table(3, lambda red, green, blue: inks(1 - red, 1 - green, 1 - blue), 9)
    return profile(b"RGB ", [(b"wtpt", xyz((0.9642, 1.0, 0.8249))), (b"A2B0", by_light)], pcs=b"Lab ")
