"""JSON and TOML that somebody else wrote: read by their type, or refused in words and with the place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from journeys.documents import (
    UnreadableDocument,
    decode_any_json,
    decode_json,
    decode_toml,
    one_line,
    problem_in,
    quote_value,
    read_document,
)


@dataclass(frozen=True)
class Shelf:
    number: int
    width: float


class Library(TypedDict):
    name: str
    kind: Literal["public", "private"]
    shelves: list[Shelf]
    opened: NotRequired[str | None]


SOUND = b'{"name": "Ada\'s", "kind": "public", "shelves": [{"number": 1, "width": 2}], "later": [1]}'


def test_a_sound_document_is_read_by_its_type_and_what_that_does_not_have_is_left_out() -> None:
    assert decode_json(SOUND, Library) == {
        "name": "Ada's",
        "kind": "public",
        "shelves": [Shelf(1, 2.0)],
    }


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (b"1,", b'"1",', "shelves[0].number: expected a whole number, found text"),
        (b"2}", b"null}", "shelves[0].width: expected a number, found null"),
        (b', "width": 2', b"", "has no shelves[0].width"),
        (b'"name": "Ada\'s", ', b"", "has no name"),
        (b'"public"', b'"secret"', "kind: invalid enum value 'secret'"),
        (b'[{"number"', b'{"number"', "shelves: expected a list, found an object"),
        (b"[1]", b"[NaN]", "is no JSON (invalid character (byte 86))"),
        (b"2}", b"1e999}", "shelves[0].width: number out of range"),
        (b"1,", b"9" * 5_000 + b",", "shelves[0].number: integer value out of range"),
        (b"[1]", b"9" * 40, "later: a number of more than 64 bits"),
        (b"[1]", b"[" * 50_000 + b"]" * 50_000, "is more than 100 levels deep"),
        (b"Ada", b"\\u0000", "has the character NUL in a text (byte 10)"),
        (b"Ada", b"\\ud83d", "has half a character in a text (byte 10)"),
        (b"Ada", b"\\ude00", "has half a character in a text (byte 10)"),
        (b"Ada", b"\xff", "is no JSON (Invalid UTF-8 encoded string)"),
        (SOUND, b"", "is empty"),
        (SOUND, b"[]", "expected an object, found a list"),
        (SOUND, SOUND[:20], "is no JSON (it ends too soon)"),
        (SOUND, b"<!doctype html><title>Sign in</title>", "is no JSON (invalid character (byte 0))"),
        (SOUND, SOUND.decode().encode("utf-16"), "is UTF-16: save it as UTF-8"),
    ],
    ids=lambda each: each[:40].decode("latin-1") if isinstance(each, bytes) else None,
)
def test_what_is_wrong_is_said_with_its_place(before: bytes, after: bytes, problem: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        decode_json(SOUND.replace(before, after), Library)
    assert str(refused.value).startswith(problem)
    assert len(str(refused.value).splitlines()) == 1


def test_a_byte_order_mark_whole_characters_and_escaped_backslashes_are_no_mistake() -> None:
    marked = b"\xef\xbb\xbf" + SOUND.replace(b"Ada", b"\\ud83d\\ude00 \\\\u0000 \\\\ud83d")
    assert decode_json(marked, Library)["name"] == "😀 \\u0000 \\ud83d's"


def test_nul_is_replaced_or_kept_where_texts_of_apps_may_hold_it() -> None:
    document = SOUND.replace(b"Ada", b"\\u0000\\\\\\u0000")
    assert decode_json(document, Library, nul="replace")["name"] == "\ufffd\\\ufffd's"
    assert decode_json(document, Library, nul="keep")["name"] == "\0\\\0's"


def test_what_may_be_anything_is_bounded_all_the_same() -> None:
    assert decode_any_json(b'{"a": [1, 2.5, "x", null]}') == {"a": [1, 2.5, "x", None]}
    with pytest.raises(UnreadableDocument, match="more than 100 levels deep"):
        decode_any_json(b"[" * 102 + b"]" * 102)
    with pytest.raises(UnreadableDocument, match=r"^a\[1\]: a number of more than 64 bits$"):
        decode_any_json(b'{"a": [1, 100000000000000000000]}')


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a = ", "Invalid value (at end of document)"),
        (b"a = " + b"[" * 5_000, "more than 100 levels deep"),
        (b"a = " + b"{a = " * 5_000, "more than 100 levels deep"),
        (b"a = " + b"1" * 5_000, "a number in it has thousands of digits"),
        (b"a = '\xff'", "no UTF-8 (byte 5): save it as UTF-8"),
        ("a = 1".encode("utf-16"), "no UTF-8 (byte 0): save it as UTF-8"),
    ],
)
def test_what_is_no_toml_of_ours_is_said(content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        decode_toml(content)
    assert str(refused.value) == problem


def test_toml_may_begin_with_a_byte_order_mark() -> None:
    assert decode_toml(b"\xef\xbb\xbfa = 1") == {"a": 1}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": [1, {"b": float("nan")}]}, (".a[1].b", "nan is no number to reckon with")),
        ({"a": float("-inf")}, (".a", "-inf is no number to reckon with")),
        ({"a": 16**5_000}, (".a", "a number of more than 64 bits")),
        ({"a": "x\0"}, (".a", "the character NUL in it")),
        ({"a": "x\ud83d"}, (".a", "half a character in it")),
        ({"a\0": 1}, ("", "a key has the character NUL in it")),
        ({"a": [1, -2.5, "text", True, None]}, None),
    ],
)
def test_a_value_of_any_kind_is_looked_through(value: Any, problem: tuple[str, str] | None) -> None:
    assert problem_in(value) == problem


def test_a_value_is_shown_on_one_line_and_in_part() -> None:
    assert quote_value("a\nb") == "'a\\nb'"
    assert quote_value("x" * 1_000_000) == f"'{'x' * 59}…"
    assert quote_value(16**5_000) == "a number of more than 64 bits"
    assert one_line("one\n\ttwo \x1b[31m three\u2028four") == "one two [31m three four"
    assert len(one_line("x" * 1_000)) == 201


def test_no_more_is_read_of_a_file_than_it_may_have(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    file.write_bytes(b"x" * 2_048)
    assert len(read_document(file, most=2_048)) == 2_048
    with pytest.raises(UnreadableDocument, match="has more than 1 KiB"):
        read_document(file, most=1_024)
