"""What is a credential by where it stands, whoever's it is: in an address, a header, a field, an option."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

PUT = "[redacted]"
"""What stands in the place of a credential."""

NAME = (
    r"pass(?:word|wd|phrase)|secret|token|(?:api|access|private|secret|auth)[_-]?key|credentials?|signature"
)
"""What the names of fields, options and parameters end with that have a credential."""

_PUT = PUT.encode()
_NAME = NAME.encode()
_HEADERS = rb"(?:proxy-)?authorization|x-(?:api-key|auth-token)"
_SCHEMES = rb"basic|bearer|digest|negotiate|token|apikey"
_OPENED = rb"(?:b(?=[\"']))?[\\\"']*"
# What is between a name and its value, all of it or nothing: in a header, JSON, Python, a list of pairs, HAR.
_SAID = (
    rb"(?>\s*[:=]\s*" + _OPENED + rb"|[\\\"']+\s*[:=,]\s*(?:[\\\"']*value[\\\"']*\s*:\s*)?" + _OPENED + rb")"
)

_IN_ADDRESS = re.compile(rb"(?<=://)(?:[^\s/?#@\"'<>]+:[^\s/?#@\"'<>]*|[^\s/?#@:\"'<>]{8,})(?=@)")
_IN_HEADER = re.compile(
    rb"\b(" + _HEADERS + rb")(" + _SAID + rb")((?:" + _SCHEMES + rb")\s+)?+([^\s\"'\\,;<>\[]+)"
)
_COOKIES = re.compile(rb"\b((?:set-)?cookie)(" + _SAID + rb")([^\s\"'\\<>\[][^\r\n\"'\\<>]*)")
_DIGEST = re.compile(rb"\b(digest\s+)(?=\w+=)([^\r\n<>]+)")
_SCHEME = re.compile(rb"\b(basic|bearer)(\s+|%20|\+)([\w+/=.~-]{8,})")
_ASSIGNED = re.compile(rb"((?:" + _NAME + rb"|key|sig)(?:=|%3d))((?:(?!%26|%23)[^&;\s\"'<>#\\\[])+)")
_QUERY = re.compile(rb"(?:[?&;#\"']|%3f|%26)(?:[\w.-]|%5b|%5d)*$")
_OPTION = re.compile(rb"(?<![\w-])--[\w-]*$")
_LONGEST_NAME = 80
_IN_FIELD = re.compile(
    rb"((?:"
    + _NAME
    + rb")(?P<quote>\\*[\"'])\s*(?::|,\s*(?P=quote)value(?P=quote)\s*:)\s*(?P=quote))"
    + rb"((?:(?!(?P=quote))(?:\\.|[^\r\n]))+)(?=(?P=quote))"
)
_JWT = re.compile(rb"\beyj[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")


def redact_places(said: bytes) -> bytes:
    """Return what was said without what stands where credentials do."""
    for hints, pattern, is_one in _PLACES:
        # To look in small letters for small ones is several times as fast as to leave the case open.
        small = said.lower()
        if not any(hint in small for hint in hints):
            continue
        pieces, at = [], 0
        for found in pattern.finditer(small):
            start, end = found.span(found.lastindex or 0)
            if is_one(said, found):
                pieces += [said[at:start], _PUT]
                at = end
        if pieces:
            said = b"".join([*pieces, said[at:]])
    return said


def _always(_: bytes, __: re.Match[bytes]) -> bool:
    return True


def _is_token(said: bytes, found: re.Match[bytes]) -> bool:
    """Whether what follows a scheme is no word of a sentence."""
    if found[1] == b"basic":
        return _is_basic(said[slice(*found.span(3))])
    return re.search(rb"[\d+/=.~_]", found[3]) is not None


def _is_outside(said: bytes, found: re.Match[bytes]) -> bool:
    """Whether a name stands in a query, an option or the environment, and is none of a program's own."""
    before = found.string[max(0, found.start() - _LONGEST_NAME) : found.start()]
    name, alone = said[slice(*found.span(1))].rstrip(b"=%3dD"), found[1][:3] in {b"key", b"sig"}
    query = _QUERY.search(before)
    if query is not None and not (alone and query[0][-1:].isalnum() and query[0] not in {b"%3f", b"%26"}):
        return True
    return name.isupper() or _OPTION.search(before) is not None


def _is_basic(value: bytes) -> bool:
    try:
        return b":" in base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False


_FIELDS = (b"pass", b"secret", b"token", b"key", b"credential", b"signature", b"sig=", b"sig%3d")
_PLACES: tuple[tuple[tuple[bytes, ...], re.Pattern[bytes], Callable[[bytes, re.Match[bytes]], bool]], ...] = (
    ((b"://",), _IN_ADDRESS, _always),
    ((b"cookie",), _COOKIES, _always),
    ((b"digest",), _DIGEST, _always),
    ((b"authorization", b"x-api-key", b"x-auth-token"), _IN_HEADER, _always),
    ((b"basic", b"bearer"), _SCHEME, _is_token),
    (_FIELDS, _ASSIGNED, _is_outside),
    (_FIELDS, _IN_FIELD, _always),
    ((b"eyj",), _JWT, _always),
)
"""Of each place: texts of which one has to be there, for speed; the pattern, in small letters, whose last
group is the credential; and whether what was found is one."""
