"""Reads documents that somebody else may have written: JSON by the type it must have, and TOML.

What is read is bounded in size, depth and numbers, and is text throughout. Whatever else a document is, the
one error that comes of it says in a line what is wrong and where: `cells[3].name: expected text, found null`.
What is written is written whole or not at all.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

T = TypeVar("T")

Nul = Literal["refuse", "replace", "keep"]
"""What becomes of NUL; it is replaced by U+FFFD."""

MOST_BYTES: Final = 64 * 2**20
"""Of a document, where its reader says nothing else."""

DEEPEST: Final = 100
"""Levels of what may hold anything; what has a type is as deep as that."""

LONGEST_NUMBER: Final = 2**63
"""No whole number reaches it, in either direction."""

_NUL = re.compile(rb"((?<!\\)(?:\\\\)*)\\u0000")
_HALF_CHARACTER = re.compile(
    rb"(?<!\\)(?:\\\\)*"
    rb"(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_LONG_NUMBER = re.compile(rb"(?:\A|[\[:,\s])-?[0-9]{19}")
_DIGITS: Final = bytes(ord("0") if chr(byte) in "0123456789" else 0 for byte in range(256))
_LONG_RUN: Final = b"0" * 19
_WORDS: Final = {
    "`array`": "a list",
    "`bool`": "true or false",
    "`float`": "a number",
    "`int`": "a whole number",
    "`null`": "null",
    "`object`": "an object",
    "`str`": "text",
}
_LONGEST_VALUE: Final = 60
_LONGEST_LINE: Final = 200


class UnreadableDocument(ValueError):
    """What was read is no such document; the text is one line that says what is wrong, and where in it."""


def read_document(file: Path, *, most: int = MOST_BYTES) -> bytes:
    """Return a file's content of at most so many bytes; raises `OSError`, or `UnreadableDocument`."""
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise UnreadableDocument(f"has more than {_size(most)}: that is no file of this kind")
    return content


def decode_json(content: bytes, kind: type[T], *, nul: Nul = "refuse") -> T:
    """Return what JSON has for a type: a `TypedDict`, a dataclass, a list or a mapping of such.

    Fields that the type doesn't have are left out. `nul` says what becomes of a text with the character NUL,
    which neither files' names nor PostgreSQL's texts may hold. Raises `UnreadableDocument`.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    # What is looked for by an expression is hardly ever there, which is seen a hundred times as fast.
    if nul != "keep" and b"\\u0000" in content and (found := _NUL.search(content)):
        if nul == "refuse":
            raise UnreadableDocument(f"has the character NUL in a text (byte {found.end() - 6})")
        content = _NUL.sub(rb"\1" + "\ufffd".encode(), content)
    try:
        document = msgspec.json.decode(content, type=kind, dec_hook=_decode_other)
        if _LONG_RUN in content.translate(_DIGITS) and _LONG_NUMBER.search(content):
            # Of up to 4,300 digits each would be a number to msgspec, and to nobody else.
            _check_any(msgspec.json.decode(content))
    except RecursionError:
        raise UnreadableDocument(f"is more than {DEEPEST} levels deep") from None
    except msgspec.ValidationError as error:
        raise UnreadableDocument(_rephrase(str(error))) from error
    except msgspec.DecodeError as error:
        raise UnreadableDocument(_explain_no_json(content, str(error))) from error
    return document


def decode_any_json(content: bytes, *, deepest: int = DEEPEST) -> Any:
    """Return what JSON has, whatever it is: of bounded depth and numbers. Raises `UnreadableDocument`."""
    return _check_any(decode_json(content, object, nul="keep"), deepest)


def decode_toml(content: bytes) -> dict[str, Any]:
    """Return a TOML document; raises `UnreadableDocument`. What is in it is `read_table`'s to check."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"no UTF-8 (byte {error.start}): save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDocument(one_line(str(error))) from error
    except RecursionError:
        raise UnreadableDocument(f"more than {DEEPEST} levels deep") from None
    except ValueError as error:
        # int() says so of too many digits, in words that are for programmers.
        raise UnreadableDocument("a number in it has thousands of digits") from error


def problem_in(value: object, *, deepest: int = DEEPEST, texts: bool = True) -> tuple[str, str] | None:
    """Return where in a value of any kind something is that nothing of ours may hold, and what; else None.

    That is a number that is none or has more than 64 bits, too many levels, and unless `texts` is false NUL
    and half a character.
    """
    waiting: list[tuple[str, object, int]] = [("", value, 0)]
    while waiting:
        where, each, depth = waiting.pop()
        if depth > deepest:
            return where[:_LONGEST_VALUE], f"more than {deepest} levels deep"
        if isinstance(each, Mapping):
            waiting += [(f"{where}.{quote_key(key)}", inner, depth + 1) for key, inner in each.items()]
            problem = next(filter(None, map(problem_of_text, each)), None) if texts else None
            problem = problem and f"a key has {problem}"
        elif isinstance(each, list):
            waiting += [(f"{where}[{index}]", inner, depth + 1) for index, inner in enumerate(each)]
            problem = None
        else:
            problem = _problem_of_leaf(each, texts=texts)
        if problem is not None:
            return where, problem
    return None


def _problem_of_leaf(value: object, *, texts: bool) -> str | None:
    if isinstance(value, int) and abs(value) >= LONGEST_NUMBER:
        return "a number of more than 64 bits"
    if isinstance(value, float) and not abs(value) < float("inf"):
        return f"{value} is no number to reckon with"
    return problem_of_text(value) if texts and isinstance(value, str) else None


def problem_of_text(text: str) -> str | None:
    """Return what keeps a text from being one: NUL, or half a character."""
    if "\0" in text:
        return "the character NUL in it"
    return None if text.isascii() or not _has_half(text) else "half a character in it"


def quote_key(key: str) -> str:
    """Return a key as an error names it: on one line, and not longer than can be read."""
    if re.fullmatch(r"[\w.:*/@+\[\]-]{1,200}", key):
        return key
    return quote_value(key)


def quote_value(value: object) -> str:
    """Return a value as an error shows it: on one line, and not longer than can be read."""
    if isinstance(value, int) and abs(value) >= LONGEST_NUMBER:
        return "a number of more than 64 bits"
    text = repr(value[: _LONGEST_VALUE + 1] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_VALUE + 2 else f"{text[:_LONGEST_VALUE]}…"


def one_line(text: str) -> str:
    """Return a text on one line that is not longer than can be read."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[:1000]).split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _check_any(value: T, deepest: int = DEEPEST) -> T:
    problem = problem_in(value, deepest=deepest, texts=False)
    if problem is not None:
        raise UnreadableDocument(f"{problem[0]}: {problem[1]}".lstrip(".: "))
    return value


def _has_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _decode_other(kind: type[Any], value: Any) -> Any:
    """Return a value as a type that JSON has no form of: a path, or anything at all."""
    return Path(value) if kind is Path else value


def explain_mismatch(problem: str) -> tuple[str, str]:
    """Return where in a document msgspec found something of another type, and what, in our words.

    That is `("cells[1].number", "expected a number, found text")`; the place is empty for the whole of it.
    """
    said, _, place = problem.partition(" - at `$")
    for word, ours in _WORDS.items():
        said = said.replace(word, ours)
    said = said.replace(", got ", ", found ").replace("`", "")
    return place.rstrip("`").lstrip("."), one_line(said[:1].lower() + said[1:].replace(" | ", " or "))


def _rephrase(problem: str) -> str:
    place, said = explain_mismatch(problem)
    place = one_line(place)
    if missing := re.fullmatch("object missing required field (.+)", said):
        return f"has no {place}.{missing[1]}".replace(" .", " ")
    return f"{place}: {said}" if place else said


def _explain_no_json(content: bytes, problem: str) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "is UTF-16: save it as UTF-8"
    if not content.strip():
        return "is empty"
    if half := _HALF_CHARACTER.search(content):
        return f"has half a character in a text (byte {half.end() - 6})"
    if problem == "Input data was truncated":
        return "is no JSON (it ends too soon)"
    return f"is no JSON ({problem.removeprefix('JSON is malformed: ')})"


def _size(size: int) -> str:
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 2**10} KiB"


def write_atomically(path: Path, content: str | bytes, *, lasting: bool = False) -> None:
    """Put a file in the place of what was there: its readers see all of the one or all of the other.

    Folders above it are made. Half a character in a text, which a page may well show, is written as `?`.
    `lasting`: return only once it would outlive a power cut. Raises `OSError`, and then nothing has changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by tempfile, whose files nobody else may read.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    # Outside of what removes it: a file that is there already is somebody else's.
    opened = aside.open("xb")
    try:
        with opened as file:
            file.write(content.encode("utf-8", "replace") if isinstance(content, str) else content)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
