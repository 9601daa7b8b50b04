"""Reads an Android package: which app it is, in which version, and what starts it."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flutter_bridge.errors import BridgeError

MANIFEST: Final = "AndroidManifest.xml"
MAX_MANIFEST_BYTES: Final = 4 * 2**20
"""What Android's own tools write has some ten thousand."""

MAX_NAME_CHARS: Final = 300
"""Android's ids have 255 at most."""

# What a zip file, or what is packed in it, tells of damage by.
_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, KeyError, zipfile.BadZipFile, zlib.error)

# The kinds of chunks, of values, and the attributes' ids: Android's ResourceTypes.h and R.attr.
_STRINGS, _XML, _RESOURCE_IDS, _ELEMENT, _ELEMENT_END = 0x0001, 0x0003, 0x0180, 0x0102, 0x0103
_TEXT, _FIRST_NUMBER, _LAST_NUMBER = 0x03, 0x10, 0x1F
_UTF8 = 1 << 8
_NOTHING = 0xFFFFFFFF
_ATTRIBUTES: Mapping[int, str] = {
    0x01010003: "name",
    0x0101000E: "enabled",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010576: "versionCodeMajor",
}

_MAIN, _LAUNCHER = "android.intent.action.MAIN", "android.intent.category.LAUNCHER"

Value = str | int
"""A text, or a number: true and false are numbers, too. What a resource says isn't looked up, and is ""."""


@dataclass(frozen=True, slots=True)
class AndroidPackage:
    """What an `.apk` says it is: `name` is the app's id, `activity` the whole name of what starts it.

    `activity` is empty where nothing is shown among the phone's apps, `version_name` where it is a resource.
    `sha256` is the file's.
    """

    name: str
    activity: str
    version_code: int
    version_name: str
    sha256: str

    def __str__(self) -> str:
        """Return what tells this build from any other, in words for people."""
        version = f"{self.version_name} ({self.version_code})" if self.version_name else self.version_code
        return f"{self.name} {version}, sha256 {self.sha256[:12]}"


def is_package(app: str) -> bool:
    """Return whether an app to install is an `.apk` on this machine; else it is the driver's to look into."""
    return "://" not in app and app.lower().endswith(".apk") and Path(app).is_file()


def read_android_package(path: Path) -> AndroidPackage:
    """Read an `.apk`; raises `BridgeError` where it is none that Android would install."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as package:
            if MANIFEST not in package.namelist():
                raise ValueError(f"there is no {MANIFEST} in it")
            with package.open(MANIFEST) as manifest:
                content = manifest.read(MAX_MANIFEST_BYTES)
        return _read_manifest(content, digest)
    except (*_DAMAGE, struct.error, IndexError) as error:
        reason = " ".join(str(error).split())[:200]
        raise BridgeError(f"{path} is no package that Android installs: {reason}") from error


@dataclass(frozen=True, slots=True)
class _Element:
    """One element of the manifest: the names of all it lies in and its own, and its attributes."""

    path: tuple[str, ...]
    attributes: Mapping[str, Value]

    def text(self, name: str) -> str:
        value = self.attributes.get(name, "")
        return value[:MAX_NAME_CHARS] if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        value = self.attributes.get(name, 0)
        return value if isinstance(value, int) else 0


def _read_manifest(content: bytes, digest: str) -> AndroidPackage:
    name = version_name = activity = starter = ""
    version_code = 0
    filters: set[str] = set()
    for element in _elements(content):
        match element.path:
            case ("manifest",):
                name, version_name = element.text("package"), element.text("versionName")
                version_code = element.number("versionCodeMajor") << 32 | element.number("versionCode")
            case ("manifest", "application", "activity" | "activity-alias"):
                enabled = element.attributes.get("enabled", 1) != 0
                activity = element.text("name") if enabled else ""
            case (*_, "intent-filter"):
                filters = set()
            case ("manifest", "application", "activity" | "activity-alias", "intent-filter", _):
                filters.add(element.text("name"))
                if {_MAIN, _LAUNCHER} <= filters:
                    starter = starter or activity
    if not name:
        raise ValueError(f"its {MANIFEST} names no package")
    if starter.startswith("."):
        starter = name + starter
    elif starter and "." not in starter:
        starter = f"{name}.{starter}"
    return AndroidPackage(name, starter, version_code, version_name, digest)


def _elements(content: bytes) -> Iterator[_Element]:
    """Yield the elements of a binary XML document, in its order."""
    kind, header, _ = struct.unpack_from("<HHI", content)
    if kind != _XML:
        raise ValueError(f"its {MANIFEST} isn't in Android's binary form")
    strings: list[str] = []
    ids: tuple[int, ...] = ()
    path: list[str] = []
    at = header
    while at < len(content):
        kind, header, size = struct.unpack_from("<HHI", content, at)
        if not 8 <= header <= size <= len(content) - at:
            raise ValueError(f"its {MANIFEST} is damaged")
        chunk = content[at : at + size]
        if kind == _STRINGS:
            strings = _read_strings(chunk)
        elif kind == _RESOURCE_IDS:
            ids = struct.unpack_from(f"<{(size - header) // 4}I", chunk, header)
        elif kind == _ELEMENT:
            path.append(strings[struct.unpack_from("<I", chunk, header + 4)[0]])
            yield _Element(tuple(path), dict(_attributes(chunk, header, strings, ids)))
        elif kind == _ELEMENT_END:
            path.pop()
        at += size


def _attributes(
    chunk: bytes, header: int, strings: list[str], ids: tuple[int, ...]
) -> Iterator[tuple[str, Value]]:
    start, size, count = struct.unpack_from("<HHH", chunk, header + 8)
    for number in range(count):
        _, name, raw, _, _, kind, value = struct.unpack_from(
            "<IIIHBBI", chunk, header + start + number * size
        )
        # What Android knows by a number is called by that: a tool that packs may have shortened its name.
        called = _ATTRIBUTES.get(ids[name], "") if name < len(ids) else strings[name]
        if kind == _TEXT:
            yield called, strings[value]
        elif _FIRST_NUMBER <= kind <= _LAST_NUMBER:
            yield called, value
        else:
            yield called, strings[raw] if raw != _NOTHING else ""


def _read_strings(chunk: bytes) -> list[str]:
    header = struct.unpack_from("<H", chunk, 2)[0]
    count, _, flags, start = struct.unpack_from("<IIII", chunk, 8)
    if count > len(chunk) // 4:
        raise ValueError(f"its {MANIFEST} is damaged")
    read = _read_utf8 if flags & _UTF8 else _read_utf16
    return [read(chunk, start + offset) for offset in struct.unpack_from(f"<{count}I", chunk, header)]


def _read_utf8(chunk: bytes, at: int) -> str:
    # Its length in characters, then in bytes, each in one byte or in two.
    at += 2 if chunk[at] & 0x80 else 1
    length = chunk[at]
    at += 1
    if length & 0x80:
        length = (length & 0x7F) << 8 | chunk[at]
        at += 1
    return chunk[at : at + length].decode("utf-8", "replace")


def _read_utf16(chunk: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<H", chunk, at)
    at += 2
    if length & 0x8000:
        length = (length & 0x7FFF) << 16 | struct.unpack_from("<H", chunk, at)[0]
        at += 2
    return chunk[at : at + 2 * length].decode("utf-16-le", "replace")
