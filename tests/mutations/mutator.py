"""Makes damaged documents of sound ones: by their values where they have any, and by their bytes.

The same seed gives the same documents. Values are put into JSON and TOML as text, so that they may be what no
writer of these would write: numbers of 5,000 digits, `NaN`, thousands of levels, half a character.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, Literal

Kind = Literal["json", "jsonl", "toml", "xml", "bytes"]

_LONG_TEXT: Final = "x" * 200_000
_STRINGS: Final = (
    '""',
    '" "',
    '"-"',
    '"x"',
    '"\\u0000"',
    '"a\\u0000b"',
    '"%00"',
    '"\\ud83d"',
    '"\\udc00 x"',
    '"\\u202e\\u200b"',
    '"one\\nline\\rtoo many"',
    '"../../../etc/passwd"',
    '"/etc/passwd"',
    '"C:\\\\nul"',
    '"1"',
    '"nan"',
    '"true"',
    '"http://[::1"',
    '"http://a:99999/"',
    '"http://\\u2603.example/"',
    '"javascript:alert(1)"',
    '"2026-02-31T00:00:00Z"',
    '"2026-01-31T12:00:00"',
    '"0001-01-01T00:00:00+23:59"',
    '"9999-12-31T23:59:59Z"',
    '"${NOT_SET_ANYWHERE}"',
    '"{python} {nobody.url} {"',
    '"\\u0661\\u0662"',
    f'"{_LONG_TEXT}"',
)
_NUMBERS: Final = (
    "0",
    "-1",
    "1",
    "1.5",
    "-0.0",
    "1e308",
    "1e-308",
    "65536",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "-170141183460469231731687303715884105728",
    "9" * 5_000,
    "9" * 300,
)
_ONLY_JSON: Final = ("null", "NaN", "Infinity", "-Infinity", "1e999", "[" * 9_000 + "]" * 9_000, "undefined")
_ONLY_TOML: Final = (
    "nan",
    "inf",
    "-inf",
    "0x" + "f" * 5_000,
    "2026-12-01",
    "2026-02-31",
    "2026-12-01T10:00:00Z",
    "10:00:00",
    "[" * 3_000 + "]" * 3_000,
    "'''\n'''",
)
_BOTH: Final = (
    "true",
    "false",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[1, 2]",
    '["x"]',
    "[" * 90 + "]" * 90,
    "[" * 120 + "]" * 120,
    "[" * 700 + "]" * 700,
)
_DEEP_TABLE: Final = {"json": '{"a": ' * 300 + "1" + "}" * 300, "toml": "{a = " * 300 + "1" + "}" * 300}
_PAGE: Final = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in first</body></html>"
_ATTRIBUTE: Final = re.compile(r'="[^"]*"')
_TAG: Final = re.compile(r"</?[\w.]+[^>]*>")
_PLACE: Final = re.compile(r'"@@([0-9]+)@@"')


def mutations(sample: bytes, kind: Kind, *, count: int, seed: int) -> Iterator[bytes]:
    """Give so many damaged copies of a document; a third of those that have values are damaged by bytes."""
    random = Random(f"{seed} {len(sample)} {kind}")  # noqa: S311 - no secret: the same ones each time
    by_value = {"json": _by_json, "jsonl": _by_line, "toml": _by_toml, "xml": _by_markup}.get(kind)
    for _ in range(count):
        if by_value is None or random.random() < 1 / 3:
            yield _by_bytes(sample, random)
        else:
            yield by_value(sample, random)


def _by_json(sample: bytes, random: Random) -> bytes:
    return _damaged(json.loads(sample), random, (*_STRINGS, *_NUMBERS, *_BOTH, *_ONLY_JSON), "json")


def _by_toml(sample: bytes, random: Random) -> bytes:
    return _damaged(
        tomllib.loads(sample.decode()), random, (*_STRINGS, *_NUMBERS, *_BOTH, *_ONLY_TOML), "toml"
    )


def _by_line(sample: bytes, random: Random) -> bytes:
    lines = sample.splitlines()
    chosen = random.randrange(len(lines))
    lines[chosen] = _by_json(lines[chosen], random)
    return b"\n".join(lines)


def _damaged(document: Any, random: Random, values: tuple[str, ...], form: Literal["json", "toml"]) -> bytes:
    """Change one to three places of a document, and return its text."""
    whole = {"": copy.deepcopy(document)}
    put: list[str] = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        holder, key = random.choice(list(_places(whole)))
        _CHANGES[random.randrange(len(_CHANGES))](
            whole, holder, key, random, put, (*values, _DEEP_TABLE[form])
        )
    text = _as_json(whole[""]) if form == "json" else _as_toml(whole[""])
    return _PLACE.sub(lambda found: put[int(found[1])], text).encode("utf-8", "surrogatepass")


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from _places(holder[key])


def _replace(_: Any, holder: Any, key: Any, random: Random, put: list[str], values: tuple[str, ...]) -> None:
    holder[key] = f"@@{len(put)}@@"
    put.append(random.choice(values))


def _delete(whole: Any, holder: Any, key: Any, *_: Any) -> None:
    if holder is not whole:
        del holder[key]


def _repeat(_: Any, holder: Any, key: Any, random: Random, *__: Any) -> None:
    times = random.choice((2, 3, 50))
    if isinstance(holder, list):
        holder[key:key] = [copy.deepcopy(holder[key]) for _ in range(times)]
    else:
        holder[key] = [copy.deepcopy(holder[key]) for _ in range(times)]


def _exchange(whole: Any, holder: Any, key: Any, random: Random, *_: Any) -> None:
    """Put what another place has into this one."""
    other, its_key = random.choice(list(_places(whole)))
    holder[key] = copy.deepcopy(other[its_key])


def _rename(_: Any, holder: Any, key: Any, random: Random, *__: Any) -> None:
    if isinstance(holder, dict) and key:
        name = random.choice((f"{key}s", "", "__class__", "one\nline", "\ud83d", "\0", "\u2028", _LONG_TEXT))
        holder[name] = holder.pop(key)


def _wrap(_: Any, holder: Any, key: Any, random: Random, *__: Any) -> None:
    holder[key] = random.choice(([holder[key]], {"value": holder[key]}, [[holder[key]], None]))


def _add(_: Any, holder: Any, key: Any, random: Random, put: list[str], values: tuple[str, ...]) -> None:
    inner = holder[key] if isinstance(holder[key], dict | list) else holder
    if isinstance(inner, dict):
        inner["another"] = f"@@{len(put)}@@"
    else:
        inner.append(f"@@{len(put)}@@")
    put.append(random.choice(values))


# As often as they stand here.
_CHANGES: Final[tuple[Callable[..., None], ...]] = (
    *(_replace,) * 8,
    *(_delete,) * 3,
    _repeat,
    *(_exchange,) * 2,
    _rename,
    _wrap,
    _add,
)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)


def _as_toml(value: Any) -> str:
    if not isinstance(value, dict):
        return _toml_value(value)
    return "".join(f"{_text(key)} = {_toml_value(each)}\n" for key, each in value.items())


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_toml_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    if isinstance(value, bool | int | float | str) or value is None:
        return _text(value)
    return str(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _by_markup(sample: bytes, random: Random) -> bytes:
    text = sample.decode()
    found = list((_ATTRIBUTE if random.random() < 0.7 else _TAG).finditer(text))
    if not found:
        return _by_bytes(sample, random)
    place = random.choice(found)
    if place[0].startswith("="):
        value = random.choice(
            (*_STRINGS, *(f'"{each}"' for each in _NUMBERS), '"[0,0][9999999,9]"', '"&#0;"')
        )
        value = value.replace("\\u0000", "&#0;").replace("\\ud83d", "&#xd83d;").replace("\\n", "&#10;")
        put = f"={value}"
    else:
        tag = place[0]
        put = random.choice(
            (
                "",
                tag * 2,
                f"{tag}&unknown;",
                "<!DOCTYPE a [<!ENTITY b 'c'>]>",
                "<a>" * 5_000,
                "<a>" * 300 + "</a>" * 300,
                "<a/>" * 5_000,
                f"<![CDATA[{tag}]]>",
                tag[:-1],
            )
        )
    return (text[: place.start()] + put + text[place.end() :]).encode("utf-8", "surrogatepass")


def _by_bytes(sample: bytes, random: Random) -> bytes:
    damaged = bytearray(sample)
    match random.randrange(12):
        case 0 | 1:
            return bytes(damaged[: random.randrange(len(damaged) + 1)])
        case 2 | 3 | 4:
            for _ in range(random.choice((1, 2, 8))):
                if damaged:
                    damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
        case 5 | 6:
            at = random.randrange(len(damaged) + 1)
            damaged[at:at] = random.choice(
                (
                    b"\0",
                    b"\xff",
                    b"\xed\xa0\x80",
                    b"\n",
                    b"\r",
                    b'"',
                    b"\\",
                    b"{",
                    b"]",
                    b"\x1b[2J",
                    random.randbytes(9),
                )
            )
        case 7:
            at = random.randrange(len(damaged) + 1)
            del damaged[at : at + random.choice((1, 4, 64))]
        case 8:
            at, length = random.randrange(len(damaged) + 1), random.choice((3, 40, 1000))
            damaged[at:at] = damaged[at : at + length] * random.choice((1, 5))
        case 9:
            return _recoded(sample, random)
        case 10:
            return random.choice(
                (b"", b"\0", b" ", _PAGE, b"%PDF-1.7\n%", b"\0" * 4096, random.randbytes(300))
            )
        case _:
            return sample + random.choice((b"x", sample, b"\0" * 9, _PAGE))
    return bytes(damaged)


def _recoded(sample: bytes, random: Random) -> bytes:
    text = sample.decode("utf-8", "replace")
    return random.choice(
        (
            text.encode("utf-16"),
            text.encode("utf-16-le"),
            text.encode("utf-8-sig"),
            text.encode("utf-32"),
            text.encode("latin-1", "replace") + b"\xe9",
            text.replace("e", "\u00e9").encode("latin-1", "replace"),
        )
    )
