"""The shell of a stand-in: reads a line as far as tools that drive phones write them, and runs it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fake_android.connected_phone import ConnectedPhone

NOT_FOUND_CODE = 127

_OPERATOR = re.compile(r"\d?>&\d|\d?>>?|&&|\|\||[;|&<()]")
_JOINERS = {";", "&&", "||"}


@dataclass(frozen=True, slots=True)
class Streams:
    """A command's standard output and standard error."""

    stdout: Callable[[bytes], None]
    stderr: Callable[[bytes], None]

    def out(self, text: str) -> None:
        """Write a line, or several."""
        self.stdout(f"{text}\n".encode(errors="surrogateescape"))

    def err(self, text: str) -> None:
        """Write a line to standard error."""
        self.stderr(f"{text}\n".encode(errors="surrogateescape"))


class CommandFailed(Exception):
    """A command ends with an exit code other than 0; its text goes to standard error."""

    def __init__(self, message: str = "", *, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


Program = Callable[[ConnectedPhone, list[str], Streams], Awaitable[None]]
"""A program of the phone: takes its arguments; raises `CommandFailed`."""


async def exit_code(command: Awaitable[None], streams: Streams) -> int:
    """Run a command to its end."""
    try:
        await command
    except CommandFailed as error:
        if error.args[0]:
            streams.err(error.args[0])
        return error.code
    return 0


def split_flags(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the arguments that begin with a dash, and the others."""
    flags = [each for each in arguments if each.startswith("-")]
    return flags, [each for each in arguments if not each.startswith("-")]


class ShellSyntaxError(ValueError):
    """A line of shell can't be read; the text says as a shell would why."""


@dataclass(slots=True)
class ShellCommand:
    """One command of a line: its words, where its output goes, and what joins it to the one before.

    `joiner` is ";", "&&" or "||". `stdout` and `stderr` name a file, or are "&1" or "&2" for each other.
    """

    joiner: str = ";"
    words: list[str] = field(default_factory=list)
    stdout: str | None = None
    stderr: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    operator: bool = False


async def run_line(
    phone: ConnectedPhone, line: str, streams: Streams, programs: Mapping[str, Program]
) -> None:
    """Run a line; raises `CommandFailed` where the last command did."""
    try:
        commands = parse(line)
    except ShellSyntaxError as error:
        raise CommandFailed(f"/system/bin/sh: {error}") from error
    code = 0
    for command in commands:
        if (command.joiner == "&&" and code) or (command.joiner == "||" and not code):
            continue
        code = await _run(phone, command, streams, programs)
    if code:
        raise CommandFailed(code=code)


async def _run(
    phone: ConnectedPhone, command: ShellCommand, streams: Streams, programs: Mapping[str, Program]
) -> int:
    files: dict[str, bytearray] = {}

    def target(name: str | None, default: Callable[[bytes], None]) -> Callable[[bytes], None]:
        return default if name is None else files.setdefault(name, bytearray()).extend

    stdout = streams.stderr if command.stdout == "&2" else target(command.stdout, streams.stdout)
    stderr = stdout if command.stderr == "&1" else target(command.stderr, streams.stderr)
    redirected = Streams(stdout, stderr)
    name, *arguments = command.words
    program = programs.get(name)
    if program is None:
        redirected.err(f"/system/bin/sh: {name}: inaccessible or not found")
        code = NOT_FOUND_CODE
    else:
        code = await exit_code(program(phone, arguments, redirected), redirected)
    for path, content in files.items():
        if path != "/dev/null":
            await phone.device.push(path, bytes(content))
    return code


def parse(line: str) -> list[ShellCommand]:
    """Return the commands of a line, in order; raises `ShellSyntaxError`."""
    commands = [ShellCommand()]
    tokens = _tokens(line)
    for token in tokens:
        current = commands[-1]
        if not token.operator:
            current.words.append(token.text)
        elif token.text in _JOINERS:
            if not current.words:
                raise ShellSyntaxError(f"syntax error: unexpected '{token.text}'")
            commands.append(ShellCommand(joiner=token.text))
        else:
            _redirect(current, token.text, tokens)
    if not commands[-1].words and commands[-1].joiner != ";":
        raise ShellSyntaxError("syntax error: unexpected end of line")
    return [command for command in commands if command.words]


def _redirect(command: ShellCommand, operator: str, tokens: Iterator[_Token]) -> None:
    if operator == "2>&1":
        command.stderr = "&1"
    elif operator in {">&2", "1>&2"}:
        command.stdout = "&2"
    elif operator in {">", "1>", "2>"}:
        target = next(tokens, None)
        if target is None or target.operator:
            raise ShellSyntaxError(f"syntax error: unexpected '{target.text if target else 'end of line'}'")
        if operator == "2>":
            command.stderr = target.text
        else:
            command.stdout = target.text
    else:
        raise _unsupported_error(operator)


def _tokens(line: str) -> Iterator[_Token]:
    word: str | None = None
    position = 0
    while position < len(line):
        character = line[position]
        operator = _OPERATOR.match(line, position) if word is None or not character.isdigit() else None
        if character.isspace() or operator:
            if word is not None:
                yield _Token(word)
                word = None
            if character == "\n":
                yield _Token(";", operator=True)
            elif operator:
                yield _Token(operator[0], operator=True)
            position = operator.end() if operator else position + 1
        else:
            part, position = _part(line, position)
            word = (word or "") + part
    if word is not None:
        yield _Token(word)


def _part(line: str, position: int) -> tuple[str, int]:
    """Return a part of a word, quoted or not, and where it ends."""
    character = line[position]
    if character == "'":
        end = line.find("'", position + 1)
        if end < 0:
            raise ShellSyntaxError("no closing quote")
        return line[position + 1 : end], end + 1
    if character == '"':
        return _read_quoted_part(line, position + 1)
    if character == "\\":
        return line[position + 1 : position + 2], position + 2
    if character in "$`":
        raise _unsupported_error(character)
    return character, position + 1


def _read_quoted_part(line: str, position: int) -> tuple[str, int]:
    text = ""
    while position < len(line):
        character = line[position]
        if character == '"':
            return text, position + 1
        if character == "\\" and line[position + 1 : position + 2] in {'"', "\\", "$", "`", "\n"}:
            position += 1
            character = line[position]
        elif character in "$`":
            raise _unsupported_error(character)
        text += character
        position += 1
    raise ShellSyntaxError("no closing quote")


def _unsupported_error(what: str) -> ShellSyntaxError:
    return ShellSyntaxError(f"syntax error: '{what}' is nothing a stand-in's shell can do")
