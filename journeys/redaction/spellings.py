"""How a secret is written where it turns up: as it is, within JSON, HTML, Python, an address or base64."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_SHORTEST_INSIDE = 8
"""Characters of base64 that say enough: fewer are found in what has nothing to do with a secret."""

_ESCAPED = re.compile(r"%[0-9A-F]{2}")


def spellings(secret: str) -> set[str]:
    """Return the ways in which a secret may be written."""
    return {each for each in _spelt(secret) if each}


def _spelt(secret: str) -> Iterator[str]:
    escaped = json.dumps(secret)[1:-1]
    yield secret
    yield escaped
    # JSON within JSON, as a log of requests has it.
    yield json.dumps(escaped)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    # Python's own way, in a traceback.
    yield repr(secret)[1:-1]
    yield from _html(secret)
    # The second time for an address within an address.
    for once in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        for spelling in (once, quote(once, safe="")):
            yield spelling
            yield _ESCAPED.sub(lambda found: found[0].lower(), spelling)
    yield from _base64(secret.encode("utf-8", "surrogatepass"))


def _html(secret: str) -> Iterator[str]:
    yield html.escape(secret)
    yield html.escape(secret, quote=False)
    # XML's writers take the character's number for one of the quotes, or leave both.
    yield html.escape(secret).replace("&#x27;", "'")
    yield html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


def _base64(secret: bytes) -> Iterator[str]:
    whole = base64.b64encode(secret).decode()
    for one in (whole, base64.urlsafe_b64encode(secret).decode()):
        if len(one.rstrip("=")) >= _SHORTEST_INSIDE:
            yield one
            yield one.rstrip("=")
            yield quote(one, safe="")
    # Somewhere inside of what was encoded: three bytes are four characters, so there are three ways to begin.
    for before, first in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * before + secret
        last = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inside = encode(padded).decode()[first:last]
            if len(inside) >= _SHORTEST_INSIDE:
                yield inside
