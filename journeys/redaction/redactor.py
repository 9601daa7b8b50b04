"""Takes secrets out of texts, records and files, however they are written there."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from journeys.documents import write_atomically
from journeys.redaction.credentials import PUT, redact_places

SHORTEST = 5
"""Characters a value must have to be looked for: shorter ones would be found everywhere."""

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".webm", ".woff", ".woff2"})

_ELLIPSIS = re.compile(rb"\.\.\.|\xe2\x80\xa6")

_MIN_BASE64_CHARACTERS = 8
"""Characters of base64 that say enough: fewer are found in what has nothing to do with a secret."""

_ESCAPED = re.compile(r"%[0-9A-F]{2}")

_T = TypeVar("_T")


class Redaction:
    """Replaces the values it was given, in every spelling they may have, and what stands where secrets do."""

    def __init__(self, secrets: Iterable[str]) -> None:
        plain = {secret for secret in secrets if len(secret) >= SHORTEST}
        spelt = {spelling for secret in plain for spelling in _spellings(secret)}
        # The longest first: one may be part of another.
        self._words = sorted(
            (word.encode("utf-8", "surrogatepass") for word in spelt), key=lambda word: (-len(word), word)
        )

    def text(self, text: str) -> str:
        """Return a text without any of the secrets."""
        return self._bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def redact_record(self, record: _T) -> _T:
        """Return lists, tuples and tables as they are, with every text in them redacted."""
        return self._redact_value(record)  # type: ignore[no-any-return]  # of the same type as what was given

    def _redact_value(self, record: Any) -> Any:
        if isinstance(record, str):
            return self.text(record)
        if isinstance(record, dict):
            return {self._redact_value(name): self._redact_value(value) for name, value in record.items()}
        if isinstance(record, list):
            return [self._redact_value(each) for each in record]
        return tuple(self._redact_value(each) for each in record) if type(record) is tuple else record

    def folder(self, folder: Path) -> list[Path]:
        """Take the secrets out of every file below a folder, or of one file; returns those that had some.

        Archives (Playwright's traces) are looked into; pictures and videos are left as they are. A file is
        replaced whole, so nobody reads half of one.
        """
        return [
            file
            for file in (folder, *sorted(folder.rglob("*")))
            if file.is_file() and not file.is_symlink() and self.file(file)
        ]

    def file(self, file: Path) -> bool:
        """Take the secrets out of one file, and return whether it had some; raises `OSError`."""
        if file.suffix.lower() in _PICTURES:
            return False
        before = file.read_bytes()
        try:
            after = self._archive(before) if zipfile.is_zipfile(io.BytesIO(before)) else self._bytes(before)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
            # Cut short, or locked: nobody opens it, nor do we.
            after = self._bytes(before)
        if after == before:
            return False
        mode = file.stat().st_mode
        write_atomically(file, after)
        file.chmod(mode)
        return True

    def _archive(self, packed: bytes) -> bytes:
        """Return an archive with its members redacted; the same bytes where there was nothing."""
        written, changed = io.BytesIO(), False
        with (
            zipfile.ZipFile(io.BytesIO(packed)) as before,
            zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for member in before.infolist():
                content = before.read(member)
                clean = content if Path(member.filename).suffix in _PICTURES else self._bytes(content)
                changed = changed or clean != content
                after.writestr(member, clean)
        return written.getvalue() if changed else packed

    def _bytes(self, content: bytes) -> bytes:
        # To look for each word is many times as fast as a pattern of all of them, and nearly always all.
        there = [re.escape(word) for word in self._words if word in content]
        if there:
            content = re.sub(b"|".join(there), PUT.encode(), content)
        return redact_places(self._remove_halves(content))

    def _remove_halves(self, content: bytes) -> bytes:
        """Take out what is left of a secret beside an ellipsis, where somebody cut it short."""
        if not _ELLIPSIS.search(content):
            return content
        words = [
            word
            for word in self._words
            if word[: _least_length(word)] in content or word[-_least_length(word) :] in content
        ]
        if not words:
            return content
        pieces, at = [], 0
        for dots in _ELLIPSIS.finditer(content):
            begun = max(_count_begun(word, content, dots.start()) for word in words)
            ended = max(_count_ended(word, content, dots.end()) for word in words)
            pieces += [content[at : max(at, dots.start() - begun)], PUT.encode() * (begun > 0)]
            pieces += [dots[0], PUT.encode() * (ended > 0)]
            at = dots.end() + ended
        return b"".join([*pieces, content[at:]])


def _least_length(word: bytes) -> int:
    return max(SHORTEST, len(word) // 4)


def _count_begun(word: bytes, content: bytes, until: int) -> int:
    """Return how many of a word's first bytes, but not all, stand right before a place; 0 for too few."""
    lengths = range(len(word) - 1, _least_length(word) - 1, -1)
    return next((length for length in lengths if content.endswith(word[:length], 0, until)), 0)


def _count_ended(word: bytes, content: bytes, since: int) -> int:
    """Return how many of a word's last bytes, but not all, stand right behind a place; 0 for too few."""
    lengths = range(len(word) - 1, _least_length(word) - 1, -1)
    return next((length for length in lengths if content.startswith(word[-length:], since)), 0)


def _spellings(secret: str) -> set[str]:
    """Return the ways in which a secret may be written."""
    return {each for each in _spellings_of(secret) if each}


def _spellings_of(secret: str) -> Iterator[str]:
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
        if len(one.rstrip("=")) >= _MIN_BASE64_CHARACTERS:
            yield one
            yield one.rstrip("=")
            yield quote(one, safe="")
    # Somewhere inside of what was encoded: three bytes are four characters, so there are three ways to begin.
    for before, first in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * before + secret
        last = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inside = encode(padded).decode()[first:last]
            if len(inside) >= _MIN_BASE64_CHARACTERS:
                yield inside
