"""Accounts and sign-ins."""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app_backend.database import Database, PersonRow
from app_backend.errors import Problem
from app_backend.events import change
from app_backend.profiles.models import announce_profile
from app_backend.settings import PasswordHashing
from app_backend.sign_ins import Origin, SignIns, Tokens

ELSEWHERE = Origin(address="", user_agent="")
"""Where a sign-in comes from that no request asked for."""


class Accounts:
    """Registers people and signs them in."""

    def __init__(self, database: Database, passwords: Passwords, sign_ins: SignIns) -> None:
        self._database = database
        self._passwords = passwords
        self._sign_ins = sign_ins

    async def register(
        self, *, email: str, password: str, display_name: str, origin: Origin = ELSEWHERE
    ) -> tuple[PersonRow, Tokens, float]:
        """Make an account and sign in to it; raises `Problem` (409) where the e-mail address is taken."""
        password_hash = await self._passwords.hash(password)
        person = PersonRow(
            id=uuid.uuid4(),
            email=email,
            password_hash=password_hash,
            display_name=display_name,
            bio="",
            avatar_version=None,
            version=1,
            created_at=datetime.now(UTC),
        )
        try:
            async with change(self._database) as changing:
                changing.session.add(person)
                await changing.session.flush()
                tokens = await self._sign_ins.begin(changing.session, person.id, origin)
                announce_profile(changing, person, "created")
        except IntegrityError as error:
            raise Problem(
                409, "this e-mail address has an account already: sign in, or use another"
            ) from error
        return person, tokens, changing.committed_at

    async def sign_in(
        self, *, email: str, password: str, origin: Origin = ELSEWHERE
    ) -> tuple[PersonRow, Tokens]:
        """Give out tokens; raises `Problem` (401) where e-mail address and password don't fit."""
        async with self._database.reading() as session:
            person = await session.scalar(select(PersonRow).where(PersonRow.email == email.lower()))
        fits = await self._passwords.verify(password, person.password_hash if person else None)
        if person is None or not fits:
            raise _does_not_fit()
        try:
            async with self._database.sessions.begin() as session:
                tokens = await self._sign_ins.begin(session, person.id, origin)
        except IntegrityError as error:
            # The account was removed while the password was looked at.
            raise _does_not_fit() from error
        return person, tokens


def _does_not_fit() -> Problem:
    return Problem(401, "e-mail address or password is wrong", headers={"WWW-Authenticate": "Bearer"})


class Passwords:
    """Hashes and verifies passwords, not more at once than there are processors."""

    def __init__(self, strength: PasswordHashing) -> None:
        # The library's defaults follow RFC 9106; each hash takes 64 MiB.
        cheap = strength is PasswordHashing.CHEAP
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else PasswordHasher()
        )
        self._at_work = asyncio.Semaphore(os.cpu_count() or 1)
        self._of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash of a password, salted."""
        async with self._at_work:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Tell whether a password fits; without a hash, take as long and say no."""
        if hashed is None:
            self._of_nobody = self._of_nobody or await self.hash("of nobody")
        async with self._at_work:
            fits = await asyncio.to_thread(self._verify, password, hashed or self._of_nobody or "")
        return fits and hashed is not None

    def _verify(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
