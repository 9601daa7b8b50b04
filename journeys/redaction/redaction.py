"""Takes secrets out of texts, records and files."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from journeys.redaction.patterns import PUT, redact_places
from journeys.redaction.spellings import spellings
from journeys.whole_file import write_whole

SHORTEST = 5
"""Characters a value must have to be looked for: shorter ones would be found everywhere."""

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".webm", ".woff", ".woff2"})

_ELLIPSIS = re.compile(rb"\.\.\.|\xe2\x80\xa6")

_T = TypeVar("_T")


class Redaction:
    """Replaces the values it was given, in every spelling they may have, and what stands where secrets do."""

    def __init__(self, secrets: Iterable[str]) -> None:
        plain = {secret for secret in secrets if len(secret) >= SHORTEST}
        spelt = {spelling for secret in plain for spelling in spellings(secret)}
        # The longest first: one may be part of another.
        self._words = sorted(
            (word.encode("utf-8", "surrogatepass") for word in spelt), key=lambda word: (-len(word), word)
        )

    def text(self, said: str) -> str:
        """Return a text without any of the secrets."""
        return self._bytes(said.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def deeply(self, record: _T) -> _T:
        """Return lists, tuples and tables as they are, with every text in them redacted."""
        return self._deeply(record)  # type: ignore[no-any-return]  # of the same type as what was given

    def _deeply(self, record: Any) -> Any:
        if isinstance(record, str):
            return self.text(record)
        if isinstance(record, dict):
            return {self._deeply(name): self._deeply(value) for name, value in record.items()}
        if isinstance(record, list):
            return [self._deeply(each) for each in record]
        return tuple(self._deeply(each) for each in record) if type(record) is tuple else record

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
        write_whole(file, after)
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

    def _bytes(self, said: bytes) -> bytes:
        # To look for each word is many times as fast as a pattern of all of them, and nearly always all.
        there = [re.escape(word) for word in self._words if word in said]
        if there:
            said = re.sub(b"|".join(there), PUT.encode(), said)
        return redact_places(self._without_halves(said))

    def _without_halves(self, said: bytes) -> bytes:
        """Take out what is left of a secret beside an ellipsis, where somebody cut it short."""
        if not _ELLIPSIS.search(said):
            return said
        words = [
            word for word in self._words if word[: _least(word)] in said or word[-_least(word) :] in said
        ]
        if not words:
            return said
        kept, at = [], 0
        for dots in _ELLIPSIS.finditer(said):
            begun = max(_begun(word, said, dots.start()) for word in words)
            ended = max(_ended(word, said, dots.end()) for word in words)
            kept += [said[at : max(at, dots.start() - begun)], PUT.encode() * (begun > 0)]
            kept += [dots[0], PUT.encode() * (ended > 0)]
            at = dots.end() + ended
        return b"".join([*kept, said[at:]])


def _least(word: bytes) -> int:
    return max(SHORTEST, len(word) // 4)


def _begun(word: bytes, said: bytes, until: int) -> int:
    """Return how many of a word's first bytes, but not all, stand right before a place; 0 for too few."""
    lengths = range(len(word) - 1, _least(word) - 1, -1)
    return next((length for length in lengths if said.endswith(word[:length], 0, until)), 0)


def _ended(word: bytes, said: bytes, since: int) -> int:
    """Return how many of a word's last bytes, but not all, stand right behind a place; 0 for too few."""
    lengths = range(len(word) - 1, _least(word) - 1, -1)
    return next((length for length in lengths if said.startswith(word[-length:], since)), 0)
