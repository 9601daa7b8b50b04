"""`logcat`: the phone's log in Android's formats, all of it at once or as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from fake_android.adb.streams import Streams
from fake_android.attached import Attached
from fake_android.log import Line

FORMATS: Final[Mapping[str, Callable[[str, int, Line], str]]] = {
    "threadtime": lambda at, pid, line: f"{at} {pid:>5} {pid:>5} {line.priority} {line.tag:<8}: {line.text}",
    "time": lambda at, pid, line: f"{at} {line.priority}/{line.tag:<8}({pid:>5}): {line.text}",
    "brief": lambda _, pid, line: f"{line.priority}/{line.tag:<8}({pid:>5}): {line.text}",
    "tag": lambda _at, _pid, line: f"{line.priority}/{line.tag:<8}: {line.text}",
    "raw": lambda _at, _pid, line: line.text,
}
FLAGS: Final = frozenset({"-c", "--clear", "-d", "-g", "-S", "-s"})
GRAVITY: Final = "VDIWEFS"
BEGINNING: Final = "--------- beginning of main"


async def logcat(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`logcat [-d] [-c] [-v FORMAT] [TAG:PRIORITY ...]`; a stand-in has one buffer, whichever is named."""
    flags, form, specs = _read(arguments)
    if unknown := flags - FLAGS:
        streams.err(f"logcat: a stand-in doesn't know {' '.join(sorted(unknown))}")
        return 1
    if form not in FORMATS:
        streams.err(f"Invalid parameter '{form}' to -v")
        return 1
    if flags & {"-c", "--clear"}:
        phone.device.log.clear()
        return 0
    if flags & {"-g", "-S"}:
        return 0
    wanted = _wanted([*(["*:S"] if "-s" in flags else []), *specs])

    def say(line: Line) -> None:
        if wanted(line):
            pid = phone.processes().get(line.package, 0)
            at = datetime.fromtimestamp(line.at, UTC).strftime("%m-%d %H:%M:%S.%f")[:-3]
            streams.out(FORMATS[form](at, pid, line))

    # At once: drivers wait for a first line, and a real phone always has one.
    streams.out(BEGINNING)
    if "-d" in flags:
        for line in phone.device.log.lines():
            say(line)
        return 0
    async for line in phone.device.log.follow():
        say(line)
    return 0


def _read(arguments: Iterable[str]) -> tuple[set[str], str, list[str]]:
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


def _wanted(specs: Iterable[str]) -> Callable[[Line], bool]:
    """Return whether a line is asked for: `flutter:W *:S` is Flutter's warnings and nothing else."""
    least = {"*": "V"}
    for spec in specs:
        tag, _, priority = spec.partition(":")
        least[tag] = (priority[:1] or ("D" if tag == "*" else "V")).upper()

    def wanted(line: Line) -> bool:
        return GRAVITY.find(line.priority) >= GRAVITY.find(least.get(line.tag, least["*"]))

    return wanted
