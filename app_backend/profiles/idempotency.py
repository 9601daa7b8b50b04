"""Uploads that are done once, however often they are sent: by the `Idempotency-Key` their sender gave them.

The key is stored in the transaction of the change, with the answer. So a sender who heard nothing (the
network, the backend or its database broke off) sends the same again, and gets the first answer if there was
one.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.database import Database, IdempotencyKey
from app_backend.errors import Problem
from app_backend.events import Data

KEY_PATTERN = r'^("[A-Za-z0-9._:~+/=-]{1,128}"|[A-Za-z0-9._:~+/=-]{1,128})$'
"""A structured field's string, as the IETF's draft has it, or its characters without the quotes."""


@dataclass(frozen=True)
class RequestKey:
    """The key of one request by one person, and a digest of what the request said."""

    person_id: uuid.UUID
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, person_id: uuid.UUID, header: str, digest: bytes) -> Self:
        """Return the key that a header gives a body of this SHA-256."""
        return cls(person_id, unquote_key(header), digest)


def unquote_key(header: str) -> str:
    """Return the key in a header that fits `KEY_PATTERN`."""
    return header.strip('"')


class IdempotencyKeys:
    """Keeps what was answered under which key, for `lifetime_s` seconds."""

    def __init__(self, database: Database, *, lifetime_s: float) -> None:
        self._database = database
        self._lifetime = timedelta(seconds=lifetime_s)

    async def is_known(self, person_id: uuid.UUID, header: str) -> bool:
        """Tell whether something was done under a header's key, whatever that was."""
        found = select(IdempotencyKey.key).where(
            IdempotencyKey.person_id == person_id,
            IdempotencyKey.key == unquote_key(header),
            IdempotencyKey.expires_at > func.now(),
        )
        async with self._database.reading() as session:
            return await session.scalar(found) is not None

    async def answer(self, key: RequestKey) -> Data | None:
        """Return what was answered before, or None; raises `Problem` (422) for a key of another body."""
        async with self._database.reading() as session:
            return await self._answer(session, key)

    async def claim(self, session: AsyncSession, key: RequestKey) -> Data | None:
        """Take a key in the session's transaction, or return what was answered under it.

        Waits for a twin that is under way. Raises `Problem`: 422 for a key of another body, 404 where the
        person is gone, 409 where the key expires in this moment.
        """
        fresh = {
            "fingerprint": key.fingerprint,
            "answer": None,
            "expires_at": func.now() + self._lifetime,
        }
        row = insert(IdempotencyKey).values(person_id=key.person_id, key=key.key, **fresh)
        row = row.on_conflict_do_update(
            index_elements=[IdempotencyKey.person_id, IdempotencyKey.key],
            set_=fresh,
            where=IdempotencyKey.expires_at <= func.now(),
        )
        try:
            taken = await session.scalar(row.returning(IdempotencyKey.key))
        except IntegrityError as error:
            raise Problem(404, "there is no such person") from error
        if taken is not None:
            return None
        answer = await self._answer(session, key)
        if answer is None:
            raise Problem(409, "this Idempotency-Key was in use: try again", headers={"Retry-After": "1"})
        return answer

    async def store(self, session: AsyncSession, key: RequestKey, answer: Data) -> None:
        """Store the answer under a key that the session's transaction has taken."""
        await session.execute(
            update(IdempotencyKey)
            .where(IdempotencyKey.person_id == key.person_id, IdempotencyKey.key == key.key)
            .values(answer=answer)
        )

    async def _answer(self, session: AsyncSession, key: RequestKey) -> Data | None:
        found = await session.scalar(
            select(IdempotencyKey).where(
                IdempotencyKey.person_id == key.person_id,
                IdempotencyKey.key == key.key,
                IdempotencyKey.expires_at > func.now(),
            )
        )
        if found is None:
            return None
        if not hmac.compare_digest(found.fingerprint, key.fingerprint):
            raise Problem(422, "this Idempotency-Key came with another picture before: take a new one")
        return found.answer
