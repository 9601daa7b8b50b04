"""Takes the text of an `-android uiautomator` locator apart: statements, calls and arguments.

It looks like Java and isn't: the server reads it by counting parentheses outside of quotes. The texts of the
errors are what a client of a device sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from fake_android.refusals import InvalidSelector

LONGEST = 10_000
"""How many characters a locator may have."""


class UiSelectorSyntax(InvalidSelector):
    """An expression isn't what the server can parse."""

    def __init__(self, expression: str, why: str) -> None:
        super().__init__(f"Could not parse selector expression `{expression}`: {why}")


@dataclass(frozen=True, slots=True)
class Call:
    """One method that is called, with its arguments as they are written."""

    name: str
    arguments: tuple[str, ...]

    @property
    def listed(self) -> str:
        """The arguments as Java writes a list of strings."""
        return f"[{', '.join(self.arguments)}]"


def statements(text: str) -> list[str]:
    """Return the statements of a locator, which semicolons part."""
    if not text:
        raise UiSelectorSyntax(
            text,
            "Tried to parse an empty string. Expected to see a string consisting of text to be interpreted "
            "as UiAutomator java code.",
        )
    if len(text) > LONGEST:
        raise InvalidSelector(f"A selector of {len(text)} characters: this device reads up to {LONGEST}")
    rest, found = text.strip().removesuffix(";"), []
    while rest:
        end = next((at for at, letter, quoted in _letters(rest) if letter == ";" and not quoted), len(rest))
        found.append(rest[:end].strip())
        rest = rest[end + 1 :].strip()
    return found


def calls(expression: str, constructor: str) -> Iterator[Call]:
    """Yield the constructor's call and every call after it; raises where the expression is malformed."""
    if not expression.startswith(constructor):
        name = constructor.removeprefix("new ")
        raise UiSelectorSyntax(
            expression,
            f"Was trying to parse as {name}, but didn't start with an acceptable prefix. "
            f"Acceptable prefixes are: `new {name}` or `{name}`",
        )
    arguments, at = _arguments(expression, _past_blanks(expression, len(constructor)))
    yield Call(constructor, arguments)
    while at < len(expression):
        at = _past_blanks(expression, at)
        if expression[at : at + 1] != ".":
            raise UiSelectorSyntax(expression, f'Expected "." at position {at}')
        start = _past_blanks(expression, at + 1)
        end = expression.find("(", start)
        if end < 0:
            raise UiSelectorSyntax(
                expression, f"No opening parenthesis after method name at position {start}"
            )
        name = expression[start:end].strip()
        if not name:
            raise UiSelectorSyntax(expression, f"Missing method name at position {start}")
        arguments, at = _arguments(expression, end)
        yield Call(name, arguments)


def _arguments(expression: str, start: int) -> tuple[tuple[str, ...], int]:
    """Return the arguments of the call whose parenthesis is at `start`, and where the call ends."""
    if expression[start : start + 1] != "(":
        raise UiSelectorSyntax(expression, "Unclosed paren in expression")
    found: list[str] = []
    depth, begin = 0, start
    for offset, letter, quoted in _letters(expression[start:]):
        at = start + offset
        if quoted:
            continue
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == ",":  # at any depth, as the server does
            found.append(_argument(expression, begin, at))
            begin = at
        if depth == 0:
            last = expression[begin + 1 : at].strip()
            if last or found:
                found.append(_argument(expression, begin, at))
            return tuple(found), at + 1
    raise UiSelectorSyntax(expression, "Unclosed paren in expression")


def _argument(expression: str, begin: int, end: int) -> str:
    argument = expression[begin + 1 : end].strip()
    if not argument:
        raise UiSelectorSyntax(expression, f"Missing argument at position {begin}")
    return argument


def _letters(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield each character with its place and whether it is inside quotes, as the server sees it."""
    quoted = False
    for at, letter in enumerate(text):
        if letter == '"':
            quoted = not (quoted and at > 0 and text[at - 1] != "\\")
        yield at, letter, quoted


def _past_blanks(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


# -- arguments


def counted(expression: str, call: Call, count: int) -> tuple[str, ...]:
    """Return a call's arguments if there are as many as its method takes."""
    if len(call.arguments) != count:
        raise UiSelectorSyntax(
            expression, f"Invalid arguments count. Actual: {len(call.arguments)}. Expected: {count}."
        )
    return call.arguments


def unsuitable(name: str, call: Call, why: UiSelectorSyntax | None) -> str:
    """Return what is wrong with a call of a method that a class has."""
    return f"`{name}` doesn't have suitable method `{call.name}` with arguments {call.listed}: {why}"


def string(expression: str, argument: str) -> str:
    """Return a string argument without its quotes."""
    if len(argument) < 2 or not (argument.startswith('"') and argument.endswith('"')):
        _wrong(expression, argument, "string")
    return argument[1:-1].replace('\\"', '"')


def integer(expression: str, argument: str) -> int:
    """Return an integer argument: 32 bits, as Java's."""
    digits = argument[1:] if argument[:1] in {"-", "+"} else argument
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        _wrong(expression, argument, "integer")
    number = int(argument)
    if not -(2**31) <= number < 2**31:
        _wrong(expression, argument, "integer")
    return number


def number(expression: str, argument: str) -> float:
    """Return a number argument: a finite double."""
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{0,9})?|[+-]?\.\d{1,9}", argument, re.ASCII):
        _wrong(expression, argument, "double")
    return float(argument)


def boolean(expression: str, argument: str) -> bool:
    """Return a boolean argument."""
    if argument not in {"true", "false"}:
        _wrong(expression, argument, "boolean")
    return argument == "true"


def _wrong(expression: str, argument: str, kind: str) -> NoReturn:
    raise UiSelectorSyntax(expression, f"{argument} is not a {kind}")
