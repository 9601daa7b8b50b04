"""What a file is, by its first bytes: whatever it is called."""

from __future__ import annotations

import pytest

from picture_reader import DecodingError, PictureFormat, UnsupportedFormat, format_of


@pytest.mark.parametrize(
    ("start", "kind", "media_type", "suffix"),
    [
        (b"\xff\xd8\xff\xe1", PictureFormat.JPEG, "image/jpeg", ".jpg"),
        (b"\x89PNG\r\n\x1a\n", PictureFormat.PNG, "image/png", ".png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", PictureFormat.WEBP, "image/webp", ".webp"),
        (b"GIF89a", PictureFormat.GIF, "image/gif", ".gif"),
    ],
)
def test_formats_that_are_read(start: bytes, kind: PictureFormat, media_type: str, suffix: str) -> None:
    assert format_of(start) is kind
    assert (kind.media_type, kind.suffix) == (media_type, suffix)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"BM\x36\x01\0\0\0\0\0\0", "BMP"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"\0\0\1\0\1\0", "ICO"),
        (b"8BPS\0\1", "PSD"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (b"\0\0\0\x18ftypheic", "HEIF"),
        (b"\0\0\0\x18ftypmif1", "HEIF"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- made by hand -->\n<svg/>", "SVG"),
    ],
)
def test_other_formats_are_refused_by_name(start: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFormat, match=f"^{name} files are not taken: choose a JPEG, PNG"):
        format_of(start)


@pytest.mark.parametrize(
    ("start", "looks"),
    [
        (b"<!DOCTYPE html><html>", "looks like an HTML page"),
        (b"\xef\xbb\xbf\n <HTML lang='en'><svg/>", "looks like an HTML page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "looks like XML"),
        (b'{"detail": "not found"}', "looks like JSON"),
        (b"[\n  1, 2]", "looks like JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12", "git lfs pull"),
        (b"\0\0\0\x20ftypisom", "looks like a video"),
        (b"PK\3\4", "looks like an archive"),
        (bytes(5000), "holds nothing but zeros"),
        (b"hello", "looks like text"),
        (b"", "it is empty"),
        (b"\x01\x02\x03", "this is no picture; choose a JPEG"),
    ],
)
def test_what_is_no_picture_is_told_by_what_it_looks_like(start: bytes, looks: str) -> None:
    with pytest.raises(DecodingError, match=r"^this is no picture") as why:
        format_of(start)
    assert not isinstance(why.value, UnsupportedFormat)
    assert looks in str(why.value)
    assert str(why.value).endswith("choose a JPEG, PNG, WebP or GIF")
