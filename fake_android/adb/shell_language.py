"""Reads a line of Android's shell, as far as tools that drive phones write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

OPERATOR = re.compile(r"\d?>&\d|\d?>>?|&&|\|\||[;|&<()]")
JOINERS = {";", "&&", "||"}


class NotUnderstood(ValueError):
    """A line of shell can't be read; the text says as a shell would why."""


@dataclass(slots=True)
class Command:
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


def parse(line: str) -> list[Command]:
    """Return the commands of a line, in order; raises `NotUnderstood`."""
    commands = [Command()]
    tokens = _tokens(line)
    for token in tokens:
        current = commands[-1]
        if not token.operator:
            current.words.append(token.text)
        elif token.text in JOINERS:
            if not current.words:
                raise NotUnderstood(f"syntax error: unexpected '{token.text}'")
            commands.append(Command(joiner=token.text))
        else:
            _redirect(current, token.text, tokens)
    if not commands[-1].words and commands[-1].joiner != ";":
        raise NotUnderstood("syntax error: unexpected end of line")
    return [command for command in commands if command.words]


def _redirect(command: Command, operator: str, tokens: Iterator[_Token]) -> None:
    if operator == "2>&1":
        command.stderr = "&1"
    elif operator in {">&2", "1>&2"}:
        command.stdout = "&2"
    elif operator in {">", "1>", "2>"}:
        target = next(tokens, None)
        if target is None or target.operator:
            raise NotUnderstood(f"syntax error: unexpected '{target.text if target else 'end of line'}'")
        if operator == "2>":
            command.stderr = target.text
        else:
            command.stdout = target.text
    else:
        raise NotUnderstood(f"syntax error: '{operator}' is nothing a stand-in's shell can do")


def _tokens(line: str) -> Iterator[_Token]:
    word: str | None = None
    position = 0
    while position < len(line):
        character = line[position]
        operator = OPERATOR.match(line, position) if word is None or not character.isdigit() else None
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
    character = line[position]
    if character == "'":
        end = line.find("'", position + 1)
        if end < 0:
            raise NotUnderstood("no closing quote")
        return line[position + 1 : end], end + 1
    if character == '"':
        return _quoted(line, position + 1)
    if character == "\\":
        return line[position + 1 : position + 2], position + 2
    if character in "$`":
        raise NotUnderstood(f"syntax error: '{character}' is nothing a stand-in's shell can do")
    return character, position + 1


def _quoted(line: str, position: int) -> tuple[str, int]:
    text = ""
    while position < len(line):
        character = line[position]
        if character == '"':
            return text, position + 1
        if character == "\\" and line[position + 1 : position + 2] in {'"', "\\", "$", "`", "\n"}:
            position += 1
            character = line[position]
        elif character in "$`":
            raise NotUnderstood(f"syntax error: '{character}' is nothing a stand-in's shell can do")
        text += character
        position += 1
    raise NotUnderstood("no closing quote")
