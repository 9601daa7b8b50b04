"""A picture that somebody sent: on disk until its turn comes, however many wait."""

from __future__ import annotations

import asyncio
import hashlib
from tempfile import TemporaryFile
from typing import IO, Protocol, Self

SMALL_BYTES = 16 * 1024
"""What isn't larger stays in memory."""

HEAD_BYTES = 1024


class Submission:
    """A picture's bytes, as they come in, and who sent them.

    The file has no name: it goes with this object, or with the process, however that ends. `sender` is None
    for pictures of our own.
    """

    def __init__(self, sender: str | None = None) -> None:
        self.sender = sender
        self.size = 0
        self._digest = hashlib.sha256()
        self._in_memory = b""
        self._file: IO[bytes] | None = None
        self._head = b""

    @classmethod
    def of(cls, data: bytes, sender: str | None = None) -> Self:
        """Return a submission of bytes that are there already."""
        submission = cls(sender)
        submission._note(data)
        submission._in_memory = data
        return submission

    def append(self, piece: bytes) -> None:
        """Take the next bytes; raises `OSError` where there is no room for them."""
        if self._file is None and self.size + len(piece) > SMALL_BYTES:
            self._file = TemporaryFile()  # noqa: SIM115 - closed by close()
            self._file.write(self._in_memory)
            self._in_memory = b""
        if self._file is None:
            self._in_memory += piece
        else:
            self._file.write(piece)
        self._note(piece)

    def _note(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._head += piece[: HEAD_BYTES - len(self._head)]
        self.size += len(piece)

    @property
    def head(self) -> bytes:
        """The first bytes, 1,024 at most, by which a file's kind is known."""
        return self._head

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes."""
        return self._digest.digest()

    async def read(self) -> bytes:
        """Return all bytes."""
        if self._file is None:
            return self._in_memory
        return await asyncio.to_thread(self._load, self._file)

    def _load(self, file: IO[bytes]) -> bytes:
        file.seek(0)
        return file.read()

    def close(self) -> None:
        """Let go of the bytes."""
        self._in_memory = b""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Renderer(Protocol):
    """Makes the renditions of pictures."""

    async def render(self, submission: Submission) -> dict[int, bytes]:
        """Return WebP renditions by side length in pixels.

        Raises `Problem` (415 or 422) where the picture can't be used: trying again is in vain. Raises
        `TransientFailure` where the next attempt may do better; `DeadlineExceeded` where the picture took
        longer than one may; `Crashed` where it made its worker crash.
        """
        ...
