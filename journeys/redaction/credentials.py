"""What is a credential by where it stands: in a text, in the environment, on a command line."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

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
_BETWEEN = (
    rb"(?>\s*[:=]\s*" + _OPENED + rb"|[\\\"']+\s*[:=,]\s*(?:[\\\"']*value[\\\"']*\s*:\s*)?" + _OPENED + rb")"
)

_IN_ADDRESS = re.compile(rb"(?<=://)(?:[^\s/?#@\"'<>]+:[^\s/?#@\"'<>]*|[^\s/?#@:\"'<>]{8,})(?=@)")
_IN_HEADER = re.compile(
    rb"\b(" + _HEADERS + rb")(" + _BETWEEN + rb")((?:" + _SCHEMES + rb")\s+)?+([^\s\"'\\,;<>\[]+)"
)
_COOKIES = re.compile(rb"\b((?:set-)?cookie)(" + _BETWEEN + rb")([^\s\"'\\<>\[][^\r\n\"'\\<>]*)")
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

HARMLESS = re.compile(r"\d*|true|false|none|null|enabled|disabled|always|never", re.IGNORECASE)
"""Values that a variable such as `TOKEN_LIFETIME` has: they are no credentials, and stand in every JSON."""

SECRET_VARIABLE = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|ACCESS_?KEY|API_?KEY|CREDENTIALS?|APPIUM_URL)(_|$)"
    r"|_(PWD|KEY|COOKIE|AUTHORIZATION)$",
    re.IGNORECASE,
)
"""What the name of an environment variable with a credential looks like."""

_SECRET_NAME = re.compile(rf"({NAME}|key|sig|auth)$", re.IGNORECASE)
_SECRET_SETTING = re.compile(rf"({NAME})s?$", re.IGNORECASE)
_SECRET_OPTION = re.compile(rf"-[\w-]*({NAME})$", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://.*", re.IGNORECASE | re.DOTALL)
_MIN_NAME_CHARACTERS = 8


def is_secret_setting(name: str) -> bool:
    """Whether a setting is called as one that has a credential."""
    return _SECRET_SETTING.search(name) is not None


def secrets_in(environment: Mapping[str, str], named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the credentials of an environment: of its variables that are called so, and in its addresses.

    `named` are more such variables: those a target's settings take with `${NAME}`, whatever their names.
    """
    wanted = set(named)
    values = set[str]()
    for name, value in environment.items():
        if (value and name in wanted) or (SECRET_VARIABLE.search(name) and not HARMLESS.fullmatch(value)):
            values.add(value)
        elif "@" in value and "://" in value:
            values |= _secrets_in_address(value)
    return tuple(sorted(values))


def secrets_in_words(words: Sequence[str]) -> frozenset[str]:
    """Return the credentials of a command line: in its addresses, and of options whose names say so."""
    found = set[str]()
    for number, word in enumerate(words):
        option, equals, value = word.partition("=")
        if _SECRET_OPTION.match(option):
            found.add(value if equals else next(iter(words[number + 1 :]), ""))
        if "://" in word:
            found |= _secrets_in_address(word)
    return frozenset(found - {""})


def basic(name: str, password: str) -> str:
    """Return what HTTP's basic authorisation makes of a name and a password: a secret of its own."""
    return base64.b64encode(f"{name}:{password}".encode("utf-8", "surrogatepass")).decode()


def redact_places(text: bytes) -> bytes:
    """Return a text without what stands where credentials do."""
    for hints, pattern, is_one in _PLACES:
        # To look in small letters for small ones is several times as fast as to leave the case open.
        small = text.lower()
        if not any(hint in small for hint in hints):
            continue
        pieces, at = [], 0
        for found in pattern.finditer(small):
            start, end = found.span(found.lastindex or 0)
            if is_one(text, found):
                pieces += [text[at:start], _PUT]
                at = end
        if pieces:
            text = b"".join([*pieces, text[at:]])
    return text


def _secrets_in_address(text: str) -> set[str]:
    """Return the password in an address, what HTTP makes of it, and the values of a query that are secret."""
    found = set[str]()
    address = _ADDRESS.search(text)
    if address is not None:
        name, colon, password = _userinfo(address[0]).partition(":")
        if colon and password:
            found |= {password, unquote(password), basic(unquote(name), unquote(password))}
        elif len(name) >= _MIN_NAME_CHARACTERS:
            found |= {name, unquote(name)}  # a name alone is often the key itself
    query = text.partition("?")[2].partition("#")[0]
    found |= {value for name, value in parse_qsl(query) if _SECRET_NAME.search(name)}
    return found - {""}


def _userinfo(address: str) -> str:
    """Return what stands before the host, also of a password with signs that make it no address."""
    try:
        parts = urlsplit(address)
        if parts.hostname and (parts.port is None or parts.port > 0):
            return parts.netloc.rpartition("@")[0]
    except ValueError:
        pass
    return address.partition("://")[2].rpartition("@")[0]


def _is_any(_: bytes, __: re.Match[bytes]) -> bool:
    return True


def _is_token(text: bytes, found: re.Match[bytes]) -> bool:
    """Whether what follows a scheme is no word of a sentence."""
    if found[1] == b"basic":
        return _is_basic(text[slice(*found.span(3))])
    return re.search(rb"[\d+/=.~_]", found[3]) is not None


def _is_outside(text: bytes, found: re.Match[bytes]) -> bool:
    """Whether a name stands in a query, an option or the environment, and is none of a program's own."""
    before = found.string[max(0, found.start() - _LONGEST_NAME) : found.start()]
    name, alone = text[slice(*found.span(1))].rstrip(b"=%3dD"), found[1][:3] in {b"key", b"sig"}
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
    ((b"://",), _IN_ADDRESS, _is_any),
    ((b"cookie",), _COOKIES, _is_any),
    ((b"digest",), _DIGEST, _is_any),
    ((b"authorization", b"x-api-key", b"x-auth-token"), _IN_HEADER, _is_any),
    ((b"basic", b"bearer"), _SCHEME, _is_token),
    (_FIELDS, _ASSIGNED, _is_outside),
    (_FIELDS, _IN_FIELD, _is_any),
    ((b"eyj",), _JWT, _is_any),
)
"""Of each place: texts of which one has to be there, for speed; the pattern, in small letters, whose last
group is the credential; and whether what was found is one."""
