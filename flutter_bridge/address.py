"""Addresses, taken apart and put together by their parts and never as text."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_PAGE = re.compile(r"\.(x?html?|php|aspx?|jsp)$", re.IGNORECASE)
_WHOLE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_loopback(address: str) -> bool:
    """Whether an address is this host's own."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_web_address(text: str) -> bool:
    """Whether a text is an address that a browser can open."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_server_address(text: str) -> bool:
    """Whether a text is the address of a server to put paths behind: without a query or a fragment."""
    return is_web_address(text) and "?" not in text and "#" not in text


def login_in(address: str) -> tuple[str, str] | None:
    """Return the name and the password in an address."""
    parts = urlsplit(address)
    return (unquote(parts.username), unquote(parts.password or "")) if parts.username else None


def without_login(address: str) -> str:
    """Return an address without the name and the password in it."""
    scheme, separator, rest = address.partition("://")
    host = re.match(r"[^/?#]*", rest)
    end = host.end() if host else 0
    return f"{scheme}{separator}{rest[:end].rpartition('@')[2]}{rest[end:]}"


def deep_link(base: str, link: str) -> str:
    """Return the address of a place in an app: that of the app, `base`, with the place's link in it.

    The base's query stays, but for what the link's own says anew. Where the base has a fragment, the app
    keeps its route there, and all of the link becomes the route. A page such as index.html is no folder: it
    is what is opened at `/`, and links lead to places beside it. A link that is a whole address of this
    server is returned as it is; raises ValueError where it is another server's.
    """
    parts = urlsplit(base)
    server = f"{parts.scheme}://{parts.netloc}"
    if _WHOLE.match(link):
        other = urlsplit(link)
        if (other.scheme, other.hostname, other.port) != (parts.scheme, parts.hostname, parts.port):
            raise ValueError(f"{without_login(link)} is not within {without_login(server)}")
        return link
    path, _, rest = link.partition("#")
    path, _, query = path.partition("?")
    path = path.lstrip("/")
    has_page = bool(_PAGE.search(parts.path))
    folder = parts.path.rpartition("/")[0] if has_page else parts.path.rstrip("/")
    page = parts.path if has_page else f"{folder}/"
    if "#" in base:
        document = f"{server}{page}{_with_mark('?', parts.query)}"
        bang = "!" if parts.fragment.startswith("!") else ""
        route = link.lstrip("/") or parts.fragment.removeprefix("!").lstrip("/")
        return f"{document}#{bang}/{route}"
    where = f"{folder}/{path}" if path else page
    return f"{server}{where}{_with_mark('?', _merge(parts.query, query))}{_with_mark('#', rest)}"


def _with_mark(mark: str, text: str) -> str:
    return f"{mark}{text}" if text else ""


def _merge(query: str, more: str) -> str:
    """Return the fields of two queries; of those with the same name only the second's."""
    anew = {field.partition("=")[0] for field in more.split("&")}
    kept = [field for field in query.split("&") if field and field.partition("=")[0] not in anew]
    return "&".join([*kept, *([more] if more else [])])
