"""The programs on a phone by name; those for files, `input` and `logcat` are written here."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from fake_android.adb import packages, system
from fake_android.adb.packages import StartServer
from fake_android.adb.shell import CommandFailed, Program, Streams, split_flags
from fake_android.connected_phone import ConnectedPhone
from fake_android.device import LogLine
from fake_android.input import BACK, DELETE, ENTER, HOME, TAB, stroke, tap


def programs(start_server: StartServer) -> Mapping[str, Program]:
    """Return the programs by name, given what starts the UiAutomator2 server."""
    return {
        "[": check_file,
        "am": packages.activity_manager(start_server),
        "appops": system.app_operations,
        "cat": concatenate,
        "cmd": _service,
        "date": date,
        "dumpsys": system.dump_services,
        "echo": echo,
        "getprop": system.get_property,
        "ime": system.input_methods,
        "input": enter,
        "logcat": logcat,
        "ls": list_files,
        "mkdir": make_folder,
        "pidof": system.process_ids,
        "pm": packages.package_manager,
        "ps": system.processes,
        "rm": remove,
        "settings": system.settings,
        "sha256sum": packages.print_checksums,
        "stat": print_size,
        "touch": touch_files,
        "wm": system.window_manager,
    }


async def _service(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    match arguments:
        case ["package", *rest]:
            await packages.package_manager(phone, rest, streams)
            return
        case [name, *_]:
            raise CommandFailed(f"cmd: Can't find service: {name}", code=20)
    raise CommandFailed(
        "cmd: No service specified; use -l to list all running services. Use -w to start and wait.", code=20
    )


# -- files

_FOLDERS = {"/", "/data", "/data/local", "/data/local/tmp", "/sdcard", "/sdcard/Download", "/sdcard/Pictures"}
"""Folders that are there though nothing was put into them."""


async def _kind_at(phone: ConnectedPhone, path: str) -> str:
    """Return what is at a path: "file", "folder", or nothing."""
    path = posixpath.normpath(posixpath.join("/", path))
    if path in _FOLDERS or await phone.device.files(path):
        return "folder"
    try:
        await phone.device.pull(path)
    except (FileNotFoundError, IsADirectoryError):
        return ""
    return "file"


async def check_file(phone: ConnectedPhone, arguments: list[str], _streams: Streams) -> None:
    """`[ -e PATH ]`, and -f and -d."""
    match arguments:
        case ["-e" | "-f" | "-d" as what, path, "]"]:
            found = await _kind_at(phone, path)
            wanted = {"-e": {"file", "folder"}, "-f": {"file"}, "-d": {"folder"}}[what]
            if found not in wanted:
                raise CommandFailed
            return
    raise CommandFailed(f"/system/bin/sh: [: {' '.join(arguments)}: nothing a stand-in can test", code=2)


async def list_files(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`ls`, with -l for sizes."""
    flags, paths = split_flags(arguments)
    is_long = "l" in "".join(flags)
    failed = False
    for path in paths or ["/"]:
        found = await _kind_at(phone, path)
        if not found:
            streams.err(f"ls: {path}: No such file or directory")
            failed = True
            continue
        names = [path] if found == "file" else sorted(await phone.device.files(path))
        for name in names:
            streams.out(await _long_row(phone, path, name, found) if is_long else name)
    if failed:
        raise CommandFailed


async def _long_row(phone: ConnectedPhone, path: str, name: str, found: str) -> str:
    whole = path if found == "file" else posixpath.join(path, name)
    if await _kind_at(phone, whole) == "folder":
        return f"drwxrwx--x 2 root sdcard_rw 3488 2024-01-01 00:00 {name}"
    size = len(await phone.device.pull(whole))
    return f"-rw-rw---- 1 root sdcard_rw {size} 2024-01-01 00:00 {name}"


async def make_folder(_phone: ConnectedPhone, arguments: list[str], _streams: Streams) -> None:
    """`mkdir`: a folder is there as soon as there is something in it."""
    if not split_flags(arguments)[1]:
        raise CommandFailed('mkdir: Needs 1 argument (see "mkdir --help")')


async def remove(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`rm`, with -r and -f."""
    flags, paths = split_flags(arguments)
    letters = "".join(flags)
    failed = False
    for path in paths:
        found = await _kind_at(phone, path)
        if not found and "f" not in letters:
            streams.err(f"rm: {path}: No such file or directory")
            failed = True
        elif found == "folder" and "r" not in letters:
            streams.err(f"rm: {path}: Is a directory")
            failed = True
        elif found:
            await phone.device.remove(posixpath.join("/", path))
    if failed:
        raise CommandFailed


async def concatenate(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`cat`."""
    failed = False
    for path in arguments:
        try:
            streams.stdout(await phone.device.pull(path))
        except (FileNotFoundError, IsADirectoryError):
            streams.err(f"cat: {path}: No such file or directory")
            failed = True
    if failed:
        raise CommandFailed


async def touch_files(phone: ConnectedPhone, arguments: list[str], _streams: Streams) -> None:
    """`touch`: makes files that aren't there; times aren't kept."""
    for path in split_flags(arguments)[1]:
        if not await _kind_at(phone, path):
            await phone.device.push(path, b"")


async def print_size(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`stat -c %s`."""
    match arguments:
        case ["-c", "%s", path]:
            try:
                streams.out(str(len(await phone.device.pull(path))))
            except (FileNotFoundError, IsADirectoryError) as error:
                raise CommandFailed(f"stat: '{path}': No such file or directory") from error
            return
    raise CommandFailed("stat: a stand-in knows nothing but -c %s PATH")


async def date(_phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`date`, with a format: the phone's clock is this machine's, in UTC."""
    now = datetime.now(UTC)
    match arguments:
        case []:
            streams.out(now.strftime("%a %b %d %H:%M:%S UTC %Y"))
        case [form] if form.startswith("+"):
            streams.out(now.strftime(form[1:]))
        case _:
            raise CommandFailed(f"date: bad '{' '.join(arguments)}'")


async def echo(_phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`echo`."""
    streams.out(" ".join(arguments))


# -- input: keys and fingers from the command line

_KEYS: Final = {
    "KEYCODE_HOME": HOME,
    "KEYCODE_BACK": BACK,
    "KEYCODE_ENTER": ENTER,
    "KEYCODE_DEL": DELETE,
    "KEYCODE_TAB": TAB,
}
_SWIPE_S: Final = 0.3


async def enter(phone: ConnectedPhone, arguments: list[str], _streams: Streams) -> None:
    """`input [touchscreen|keyboard] keyevent|text|tap|swipe ...`."""
    if arguments[:1] in (["touchscreen"], ["keyboard"]):
        arguments = arguments[1:]
    try:
        await _enter(phone, arguments)
    except ValueError as error:
        raise CommandFailed(f"Error: {error}", code=255) from error


async def _enter(phone: ConnectedPhone, arguments: list[str]) -> None:
    device = phone.device
    match arguments:
        case ["keyevent", *codes] if codes:
            long = "--longpress" in codes
            for code in codes:
                if not code.startswith("--"):
                    await device.press_key(_KEYS[code] if code in _KEYS else int(code), long=long)
        case ["text", text]:
            await device.type_text(text.replace("%s", " "))
        case ["tap", x, y]:
            await device.touch([tap((float(x), float(y)))])
        case ["swipe", x0, y0, x1, y1, *rest] if len(rest) <= 1:
            seconds = int(rest[0]) / 1000 if rest else _SWIPE_S
            await device.touch([stroke((float(x0), float(y0)), (float(x1), float(y1)), seconds=seconds)])
        case _:
            raise ValueError(f"Unknown command: {' '.join(arguments)}")


# -- logcat: the phone's log in Android's formats, all of it at once or as it comes

_FORMATS: Final[Mapping[str, Callable[[str, int, LogLine], str]]] = {
    "threadtime": lambda at, pid, line: f"{at} {pid:>5} {pid:>5} {line.priority} {line.tag:<8}: {line.text}",
    "time": lambda at, pid, line: f"{at} {line.priority}/{line.tag:<8}({pid:>5}): {line.text}",
    "brief": lambda _, pid, line: f"{line.priority}/{line.tag:<8}({pid:>5}): {line.text}",
    "tag": lambda _at, _pid, line: f"{line.priority}/{line.tag:<8}: {line.text}",
    "raw": lambda _at, _pid, line: line.text,
}
_FLAGS: Final = frozenset({"-c", "--clear", "-d", "-g", "-S", "-s"})
_PRIORITIES: Final = "VDIWEFS"
_BEGINNING: Final = "--------- beginning of main"


async def logcat(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`logcat [-d] [-c] [-v FORMAT] [TAG:PRIORITY ...]`; a stand-in has one buffer, whichever is named."""
    flags, form, specs = _parse(arguments)
    if unknown := flags - _FLAGS:
        raise CommandFailed(f"logcat: a stand-in doesn't know {' '.join(sorted(unknown))}")
    if form not in _FORMATS:
        raise CommandFailed(f"Invalid parameter '{form}' to -v")
    if flags & {"-c", "--clear"}:
        phone.device.log.clear()
        return
    if flags & {"-g", "-S"}:
        return
    wanted = _filter([*(["*:S"] if "-s" in flags else []), *specs])

    def print_line(line: LogLine) -> None:
        if wanted(line):
            pid = phone.processes().get(line.package, 0)
            at = datetime.fromtimestamp(line.at, UTC).strftime("%m-%d %H:%M:%S.%f")[:-3]
            streams.out(_FORMATS[form](at, pid, line))

    # At once: drivers wait for a first line, and a real phone always has one.
    streams.out(_BEGINNING)
    if "-d" in flags:
        for line in phone.device.log.lines():
            print_line(line)
        return
    async for line in phone.device.log.follow():
        print_line(line)


def _parse(arguments: Iterable[str]) -> tuple[set[str], str, list[str]]:
    """Return the flags, the format and what is asked for of a command line."""
    flags, form, specs = set[str](), "threadtime", list[str]()
    words = iter(arguments)
    for word in words:
        if word in {"-v", "--format"}:
            form = next(words, "")
        elif word in {"-b", "--buffer"}:
            next(words, "")
        elif word.startswith("-"):
            flags.add(word)
        else:
            specs.append(word)
    return flags, form, specs


def _filter(specs: Iterable[str]) -> Callable[[LogLine], bool]:
    """Return whether a line is asked for: `flutter:W *:S` is Flutter's warnings and nothing else."""
    least = {"*": "V"}
    for spec in specs:
        tag, _, priority = spec.partition(":")
        least[tag] = (priority[:1] or ("D" if tag == "*" else "V")).upper()

    def is_wanted(line: LogLine) -> bool:
        return _PRIORITIES.find(line.priority) >= _PRIORITIES.find(least.get(line.tag, least["*"]))

    return is_wanted
