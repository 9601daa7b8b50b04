"""Makes Android packages as far as adb, Appium and a stand-in read them: a manifest, and a web build."""

from __future__ import annotations

import json
import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ANDROID = "http://schemas.android.com/apk/res/android"
NAME, ENABLED, VERSION_CODE, VERSION_NAME = 0x01010003, 0x0101000E, 0x0101021B, 0x0101021C
IDS = {"name": NAME, "enabled": ENABLED, "versionCode": VERSION_CODE, "versionName": VERSION_NAME}


@dataclass
class Element:
    """An element to write: attributes of Android's are those in `IDS`."""

    tag: str
    attributes: dict[str, str | int | bool] = field(default_factory=dict)
    children: tuple[Element, ...] = ()


def launcher(tag: str, name: str, **attributes: str | int | bool) -> Element:
    """Return an activity that is shown among the phone's apps."""
    shown = (
        Element("action", {"name": "android.intent.action.MAIN"}),
        Element("category", {"name": "android.intent.category.LAUNCHER"}),
    )
    return Element(tag, {"name": name, **attributes}, (Element("intent-filter", {}, shown),))


def manifest(package: str, version: int, version_name: str | int, *activities: Element) -> Element:
    """Return a manifest; a version's name that is a number stands for a resource."""
    attributes: dict[str, str | int | bool] = {"package": package, "versionCode": version}
    return Element(
        "manifest",
        attributes | {"versionName": version_name},
        (Element("application", {}, activities),),
    )


def encode(root: Element, *, utf8: bool = False) -> bytes:
    """Return a document as `aapt2` lays it out: strings, the attributes' ids, then the elements."""
    strings = list(IDS)

    def index(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    body = b"".join(_element(root, index))
    ids = struct.pack(f"<HHI{len(IDS)}I", 0x0180, 8, 8 + 4 * len(IDS), *IDS.values())
    content = _string_pool(strings, utf8=utf8) + ids + body
    return struct.pack("<HHI", 0x0003, 8, 8 + len(content)) + content


def write_package(path: Path, document: bytes, *, url: str | None = None) -> Path:
    """Write a package with a manifest, and with a web build for a stand-in to show if one is given."""
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("AndroidManifest.xml", document)
        if url is not None:
            package.writestr("assets/stand-in.json", json.dumps({"url": url}))
    return path


def sample_package(
    path: Path, package: str, *, version: int = 1, activity: str = ".MainActivity", url: str | None = None
) -> Path:
    """Write a package of an app with one activity, called version N.0."""
    document = encode(manifest(package, version, f"{version}.0", launcher("activity", activity)))
    return write_package(path, document, url=url)


def _element(element: Element, index: object) -> list[bytes]:
    assert callable(index)
    attributes = b""
    for name, value in element.attributes.items():
        where = index(ANDROID) if name in IDS else 0xFFFFFFFF
        match value:
            case str():
                raw, kind, data = index(value), 0x03, index(value)
            case bool():
                raw, kind, data = 0xFFFFFFFF, 0x12, 0xFFFFFFFF if value else 0
            case int() if name == "versionName":
                raw, kind, data = 0xFFFFFFFF, 0x01, value
            case int():
                raw, kind, data = 0xFFFFFFFF, 0x10, value
        attributes += struct.pack("<IIIHBBI", where, index(name), raw, 8, 0, kind, data)
    tag = index(element.tag)
    head = struct.pack(
        "<IIIIHHHHHH", 1, 0xFFFFFFFF, 0xFFFFFFFF, tag, 20, 20, len(element.attributes), 0, 0, 0
    )
    start = struct.pack("<HHI", 0x0102, 16, 8 + len(head) + len(attributes)) + head + attributes
    end = struct.pack("<HHIIIII", 0x0103, 16, 24, 1, 0xFFFFFFFF, 0xFFFFFFFF, tag)
    return [start, *(part for child in element.children for part in _element(child, index)), end]


def _string_pool(strings: list[str], *, utf8: bool) -> bytes:
    encoded, offsets = b"", []
    for text in strings:
        offsets.append(len(encoded))
        if utf8:
            content = text.encode()
            sizes = b"".join(_short(length) for length in (len(text), len(content)))
            encoded += sizes + content + b"\0"
        else:
            encoded += struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0"
    encoded += b"\0" * (-len(encoded) % 4)
    start = 28 + 4 * len(offsets)
    flags = 1 << 8 if utf8 else 0
    head = struct.pack("<HHIIIIII", 0x0001, 28, start + len(encoded), len(strings), 0, flags, start, 0)
    return head + struct.pack(f"<{len(offsets)}I", *offsets) + encoded


def _short(length: int) -> bytes:
    return bytes([length]) if length < 0x80 else bytes([0x80 | length >> 8, length & 0xFF])
