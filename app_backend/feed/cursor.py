"""Where a reader of a feed stands: the last post seen, so that new posts shift nothing."""

from __future__ import annotations

import struct
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from app_backend.errors import Problem

LAYOUT = struct.Struct("!q16s")
"""Microseconds since 1970 (exactly what PostgreSQL keeps), post id."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """The place just behind one post."""

    created_at: datetime
    post_id: uuid.UUID

    def encode(self) -> str:
        """Return it as an opaque text for an address."""
        packed = LAYOUT.pack((self.created_at - EPOCH) // MICROSECOND, self.post_id.bytes)
        return urlsafe_b64encode(packed).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the cursor that `encode` made; raises `Problem` (422) for anything else."""
        try:
            microseconds, post_id = LAYOUT.unpack(urlsafe_b64decode(text.encode()))
            created_at = EPOCH + timedelta(microseconds=microseconds)
        except (Base64Error, ValueError, OverflowError, struct.error) as error:
            raise Problem(422, "query.cursor: take a cursor as it stood in next_cursor") from error
        return cls(created_at, uuid.UUID(bytes=post_id))
