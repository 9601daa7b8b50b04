"""Reads the texts that lookups are written in: calls with their arguments, and Java's regular expressions.

An `-android uiautomator` locator looks like Java and isn't: the server reads it by counting parentheses
outside of quotes. The texts of the errors are what a client of a device sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from fake_android.errors import InvalidSelector, NotSupported, UiAutomatorError

MAX_LOCATOR_CHARS = 10_000
MAX_PATTERN_CHARS = 1000


class UiSelectorSyntax(InvalidSelector):
    """An expression isn't what the server can parse."""

    def __init__(self, expression: str, why: str) -> None:
        super().__init__(f"Could not parse selector expression `{expression}`: {why}")


@dataclass(frozen=True, slots=True)
class MethodCall:
    """One method that is called, with its arguments as they are written."""

    name: str
    arguments: tuple[str, ...]

    @property
    def argument_list(self) -> str:
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
    if len(text) > MAX_LOCATOR_CHARS:
        raise InvalidSelector(
            f"A selector of {len(text)} characters: this device reads up to {MAX_LOCATOR_CHARS}"
        )
    rest, found = text.strip().removesuffix(";"), []
    while rest:
        end = next((at for at, letter, quoted in _letters(rest) if letter == ";" and not quoted), len(rest))
        found.append(rest[:end].strip())
        rest = rest[end + 1 :].strip()
    return found


def calls(expression: str, constructor: str) -> Iterator[MethodCall]:
    """Yield the constructor's call and every call after it; raises where the expression is malformed."""
    if not expression.startswith(constructor):
        name = constructor.removeprefix("new ")
        raise UiSelectorSyntax(
            expression,
            f"Was trying to parse as {name}, but didn't start with an acceptable prefix. "
            f"Acceptable prefixes are: `new {name}` or `{name}`",
        )
    arguments, at = _arguments(expression, _past_blanks(expression, len(constructor)))
    yield MethodCall(constructor, arguments)
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
        yield MethodCall(name, arguments)


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


def check_count(expression: str, call: MethodCall, count: int) -> tuple[str, ...]:
    """Return a call's arguments if there are as many as its method takes."""
    if len(call.arguments) != count:
        raise UiSelectorSyntax(
            expression, f"Invalid arguments count. Actual: {len(call.arguments)}. Expected: {count}."
        )
    return call.arguments


def mismatch_message(name: str, call: MethodCall, why: UiSelectorSyntax | None) -> str:
    """Return what is wrong with a call of a method that a class has."""
    return f"`{name}` doesn't have suitable method `{call.name}` with arguments {call.argument_list}: {why}"


def read_string(expression: str, argument: str) -> str:
    """Return a string argument without its quotes."""
    if len(argument) < 2 or not (argument.startswith('"') and argument.endswith('"')):
        _reject(expression, argument, "string")
    return argument[1:-1].replace('\\"', '"')


def read_integer(expression: str, argument: str) -> int:
    """Return an integer argument: 32 bits, as Java's."""
    digits = argument[1:] if argument[:1] in {"-", "+"} else argument
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        _reject(expression, argument, "integer")
    number = int(argument)
    if not -(2**31) <= number < 2**31:
        _reject(expression, argument, "integer")
    return number


def read_number(expression: str, argument: str) -> float:
    """Return a number argument: a finite double."""
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{0,9})?|[+-]?\.\d{1,9}", argument, re.ASCII):
        _reject(expression, argument, "double")
    return float(argument)


def read_boolean(expression: str, argument: str) -> bool:
    """Return a boolean argument."""
    if argument not in {"true", "false"}:
        _reject(expression, argument, "boolean")
    return argument == "true"


def _reject(expression: str, argument: str, kind: str) -> NoReturn:
    raise UiSelectorSyntax(expression, f"{argument} is not a {kind}")


# -- regular expressions, as Android's `Pattern` reads them

_LINE_END = "\n\x0b\x0c\r\x85\u2028\u2029"
_SPECIAL = re.compile(
    r"""
    (?P<quoted>\\Q(?P<literal>.*?)(?:\\E|\Z))
    | (?P<end>\\z)
    | (?P<same>\\[dDwWsSbBtnrfAa0-9] | \\x[0-9a-fA-F]{2} | \\u[0-9a-fA-F]{4} | \\[^a-zA-Z0-9])
    | \(\?<(?P<group>[A-Za-z][A-Za-z0-9]*)>
    | \\k<(?P<reference>[A-Za-z][A-Za-z0-9]*)>
    | (?P<odd>\\. | \(\?(?![:=!>]|<[=!]) )
    | (?P<times>\{\d+(?:,\d*)?\})
    | (?P<brace>\{)
    | (?P<dot>\.)
    | (?P<class>\[)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLASS = re.compile(r"\[\^?\]?(?:\\[^QEpPxNRXhHvVzZGkcb]|[^\]\[\\&]|&(?!&))*\]", re.DOTALL)


def java_pattern(pattern: str, *, dot_matches_all: bool = False) -> re.Pattern[str]:
    r"""Return a pattern to `fullmatch` with, as Java's `matches()` compares.

    Raises `UiAutomatorError` where the pattern is wrong, and `NotSupported` where it means something to
    Android that it doesn't to Python (`\p{…}`, classes within classes, flags other than a leading `(?i)`).
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise NotSupported(
            f"A pattern of {len(pattern)} characters: this device matches up to {MAX_PATTERN_CHARS}"
        )
    flags, at, translated = 0, 0, ""
    if pattern.startswith("(?i)"):
        flags, at = re.IGNORECASE, 4
    while at < len(pattern):
        found = _SPECIAL.match(pattern, at)
        if not found:
            translated += pattern[at]
            at += 1
            continue
        if found["class"]:
            found = _CLASS.match(pattern, at)
            if not found:
                raise _unlike_device_error(pattern, at)
            translated += found[0]
        else:
            translated += _translate(pattern, found, dot_matches_all=dot_matches_all)
        at = found.end()
    try:
        return re.compile(translated, flags)
    except re.error as error:
        raise UiAutomatorError(f"java.util.regex.PatternSyntaxException: {error.msg}: {pattern}") from error


def _translate(pattern: str, found: re.Match[str], *, dot_matches_all: bool) -> str:
    if found["quoted"]:
        return re.escape(found["literal"])
    if found["end"]:
        return r"\Z"
    if found["group"]:
        return f"(?P<{found['group']}>"
    if found["reference"]:
        return f"(?P={found['reference']})"
    if found["dot"]:
        return r"[\s\S]" if dot_matches_all else f"[^{_LINE_END}]"
    if found["same"] or found["times"]:
        return found[0]
    if found["brace"]:
        raise UiAutomatorError("java.util.regex.PatternSyntaxException: a brace repeats nothing: " + pattern)
    raise _unlike_device_error(pattern, found.start())


def _unlike_device_error(pattern: str, at: int) -> NotSupported:
    return NotSupported(f"The pattern `{pattern}` has at position {at} what only a device can match")
