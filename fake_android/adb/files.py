"""Programs of the phone that look at files and change them."""

from __future__ import annotations

import posixpath
from datetime import UTC, datetime

from fake_android.adb.streams import Streams
from fake_android.attached import Attached

ROOTS = {"/", "/data", "/data/local", "/data/local/tmp", "/sdcard", "/sdcard/Download", "/sdcard/Pictures"}
"""Folders that are there though nothing was put into them."""


async def exists(phone: Attached, path: str) -> str:
    """Return what is at a path: "file", "folder", or nothing."""
    path = posixpath.normpath(posixpath.join("/", path))
    if path in ROOTS or await phone.device.files(path):
        return "folder"
    try:
        await phone.device.pull(path)
    except (FileNotFoundError, IsADirectoryError):
        return ""
    return "file"


async def test(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`[ -e PATH ]`, and -f and -d."""
    match arguments:
        case ["-e" | "-f" | "-d" as what, path, "]"]:
            found = await exists(phone, path)
            wanted = {"-e": {"file", "folder"}, "-f": {"file"}, "-d": {"folder"}}[what]
            return 0 if found in wanted else 1
    streams.err(f"/system/bin/sh: [: {' '.join(arguments)}: nothing a stand-in can test")
    return 2


async def listing(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`ls`, with -l for sizes."""
    flags = "".join(each for each in arguments if each.startswith("-"))
    code = 0
    for path in [each for each in arguments if not each.startswith("-")] or ["/"]:
        found = await exists(phone, path)
        if not found:
            streams.err(f"ls: {path}: No such file or directory")
            code = 1
            continue
        names = [path] if found == "file" else sorted(await phone.device.files(path))
        for name in names:
            streams.out(
                await _long(phone, path, name, found) if "l" in flags else name if found == "folder" else path
            )
    return code


async def _long(phone: Attached, path: str, name: str, found: str) -> str:
    whole = path if found == "file" else posixpath.join(path, name)
    if await exists(phone, whole) == "folder":
        return f"drwxrwx--x 2 root sdcard_rw 3488 2024-01-01 00:00 {name}"
    size = len(await phone.device.pull(whole))
    return f"-rw-rw---- 1 root sdcard_rw {size} 2024-01-01 00:00 {name}"


async def make_folder(_phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`mkdir`: a folder is there as soon as there is something in it."""
    if not [each for each in arguments if not each.startswith("-")]:
        streams.err('mkdir: Needs 1 argument (see "mkdir --help")')
        return 1
    return 0


async def remove(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`rm`, with -r and -f."""
    flags = "".join(each for each in arguments if each.startswith("-"))
    code = 0
    for path in [each for each in arguments if not each.startswith("-")]:
        found = await exists(phone, path)
        if not found and "f" not in flags:
            streams.err(f"rm: {path}: No such file or directory")
            code = 1
        elif found == "folder" and "r" not in flags:
            streams.err(f"rm: {path}: Is a directory")
            code = 1
        elif found:
            await phone.device.remove(posixpath.join("/", path))
    return code


async def concatenate(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`cat`."""
    code = 0
    for path in arguments:
        try:
            streams.stdout(await phone.device.pull(path))
        except (FileNotFoundError, IsADirectoryError):
            streams.err(f"cat: {path}: No such file or directory")
            code = 1
    return code


async def touch(phone: Attached, arguments: list[str], _streams: Streams) -> int:
    """`touch`: makes files that aren't there; times aren't kept."""
    for path in [each for each in arguments if not each.startswith("-")]:
        if not await exists(phone, path):
            await phone.device.push(path, b"")
    return 0


async def size(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`stat -c %s`."""
    match arguments:
        case ["-c", "%s", path]:
            try:
                streams.out(str(len(await phone.device.pull(path))))
            except (FileNotFoundError, IsADirectoryError):
                streams.err(f"stat: '{path}': No such file or directory")
                return 1
            return 0
    streams.err("stat: a stand-in knows nothing but -c %s PATH")
    return 1


async def date(_phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`date`, with a format: the phone's clock is this machine's, in UTC."""
    now = datetime.now(UTC)
    match arguments:
        case []:
            streams.out(now.strftime("%a %b %d %H:%M:%S UTC %Y"))
        case [form] if form.startswith("+"):
            streams.out(now.strftime(form[1:]))
        case _:
            streams.err(f"date: bad '{' '.join(arguments)}'")
            return 1
    return 0
