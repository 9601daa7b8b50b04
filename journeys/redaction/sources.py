"""Where secrets come in: the environment, and the words of a command line."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from journeys.redaction.patterns import NAME

HARMLESS = re.compile(r"\d*|true|false|none|null|enabled|disabled|always|never", re.IGNORECASE)
"""Values that a variable such as `TOKEN_LIFETIME` has: they are no credentials, and stand in every JSON."""

SECRET_VARIABLE = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|ACCESS_?KEY|API_?KEY|CREDENTIALS?|APPIUM_URL)(_|$)"
    r"|_(PWD|KEY|COOKIE|AUTHORIZATION)$",
    re.IGNORECASE,
)
"""What the name of an environment variable with a credential looks like."""

_SECRET_NAME = re.compile(rf"({NAME}|key|sig|auth)$", re.IGNORECASE)
_SECRET_OPTION = re.compile(rf"-[\w-]*({NAME})$", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://.*", re.IGNORECASE | re.DOTALL)
_LONG = 8


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


def _secrets_in_address(text: str) -> set[str]:
    """Return the password in an address, what HTTP makes of it, and the values of a query that are secret."""
    found = set[str]()
    address = _ADDRESS.search(text)
    if address is not None:
        name, colon, password = _userinfo(address[0]).partition(":")
        if colon and password:
            found |= {password, unquote(password), basic(unquote(name), unquote(password))}
        elif len(name) >= _LONG:
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
