"""The shell of a stand-in: runs a line of commands on a phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fake_android.adb.shell_language import Command, NotUnderstood, parse
from fake_android.adb.streams import Streams
from fake_android.attached import Attached

Program = Callable[[Attached, list[str], Streams], Awaitable[int]]
"""A program of the phone: takes its arguments, returns its exit code."""

NOT_FOUND = 127


async def run_line(phone: Attached, line: str, streams: Streams, programs: Mapping[str, Program]) -> int:
    """Run a line; return the last command's exit code."""
    try:
        commands = parse(line)
    except NotUnderstood as error:
        streams.err(f"/system/bin/sh: {error}")
        return 1
    code = 0
    for command in commands:
        if (command.joiner == "&&" and code) or (command.joiner == "||" and not code):
            continue
        code = await _run(phone, command, streams, programs)
    return code


async def _run(phone: Attached, command: Command, streams: Streams, programs: Mapping[str, Program]) -> int:
    files: dict[str, bytearray] = {}

    def target(name: str | None, default: Callable[[bytes], None]) -> Callable[[bytes], None]:
        if name is None:
            return default
        written = files.setdefault(name, bytearray())
        return written.extend

    stdout = streams.stderr if command.stdout == "&2" else target(command.stdout, streams.stdout)
    stderr = stdout if command.stderr == "&1" else target(command.stderr, streams.stderr)
    redirected = Streams(stdout, stderr)
    name, *arguments = command.words
    program = programs.get(name)
    if program is None:
        redirected.err(f"/system/bin/sh: {name}: inaccessible or not found")
        code = NOT_FOUND
    else:
        code = await program(phone, arguments, redirected)
    for path, content in files.items():
        if path != "/dev/null":
            await phone.device.push(path, bytes(content))
    return code
