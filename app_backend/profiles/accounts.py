"""Accounts and sign-ins."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app_backend.access import Origin, SignIns, Tokens
from app_backend.database import Database, Person
from app_backend.errors import Problem
from app_backend.events import change
from app_backend.profiles.facts import announce_profile
from app_backend.profiles.passwords import Passwords

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
    ) -> tuple[Person, Tokens, float]:
        """Make an account and sign in to it; raises `Problem` (409) where the e-mail address is taken."""
        password_hash = await self._passwords.hash(password)
        person = Person(
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
    ) -> tuple[Person, Tokens]:
        """Give out tokens; raises `Problem` (401) where e-mail address and password don't fit."""
        async with self._database.reading() as session:
            person = await session.scalar(select(Person).where(Person.email == email.lower()))
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
