"""Pictures that are sound, small as files, and made to take a decoder long."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def jpeg_of_scans(count: int, size: tuple[int, int] = (2000, 2000)) -> bytes:
    """Return a progressive JPEG that refines the same values `count` times more than it has to."""
    plain = BytesIO()
    Image.new("RGB", size, "white").save(plain, "JPEG", progressive=True)
    whole = plain.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


def bomb(kind: str, size: tuple[int, int] = (8000, 6000)) -> bytes:
    """Return a picture of one colour: hardly any bytes, as many pixels as may be."""
    output = BytesIO()
    Image.new("RGBA", size, (250, 250, 250, 128)).save(output, kind, lossless=True)
    return output.getvalue()
