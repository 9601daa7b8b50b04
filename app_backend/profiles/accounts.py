"""Accounts and sign-ins."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app_backend.database import Database, Person, SignIn
from app_backend.errors import Problem
from app_backend.events import change
from app_backend.profiles.facts import announce_profile
from app_backend.profiles.passwords import Passwords


@dataclass(frozen=True)
class Token:
    """A bearer token, as it is given out once."""

    text: str
    expires_at: datetime


class Accounts:
    """Registers people and signs them in and out."""

    def __init__(self, database: Database, passwords: Passwords, *, token_lifetime_s: float) -> None:
        self._database = database
        self._passwords = passwords
        self._lifetime = timedelta(seconds=token_lifetime_s)

    async def register(self, *, email: str, password: str, display_name: str) -> tuple[Person, Token, float]:
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
        token, sign_in = self._new_sign_in(person.id)
        try:
            async with change(self._database) as changing:
                changing.session.add(person)
                await changing.session.flush()
                changing.session.add(sign_in)
                announce_profile(changing, person, "created")
        except IntegrityError as error:
            raise Problem(
                409, "this e-mail address has an account already: sign in, or use another"
            ) from error
        return person, token, changing.committed_at

    async def sign_in(self, *, email: str, password: str) -> tuple[Person, Token]:
        """Give out a token; raises `Problem` (401) where e-mail address and password don't fit."""
        async with self._database.reading() as session:
            person = await session.scalar(select(Person).where(Person.email == email.lower()))
        fits = await self._passwords.verify(password, person.password_hash if person else None)
        if person is None or not fits:
            raise Problem(401, "e-mail address or password is wrong", headers={"WWW-Authenticate": "Bearer"})
        token, sign_in = self._new_sign_in(person.id)
        async with self._database.sessions.begin() as session:
            session.add(sign_in)
        return person, token

    async def person_of(self, token: str) -> Person | None:
        """Return whose token this is, or None where it is unknown or has expired."""
        async with self._database.reading() as session:
            return await session.scalar(
                select(Person)
                .join(SignIn, SignIn.person_id == Person.id)
                .where(SignIn.token_digest == _digest(token), SignIn.expires_at > datetime.now(UTC))
            )

    async def sign_out(self, token: str) -> None:
        """Make a token worthless."""
        async with self._database.sessions.begin() as session:
            await session.execute(delete(SignIn).where(SignIn.token_digest == _digest(token)))

    def _new_sign_in(self, person_id: uuid.UUID) -> tuple[Token, SignIn]:
        text = secrets.token_urlsafe(32)
        expires_at = datetime.now(UTC) + self._lifetime
        sign_in = SignIn(token_digest=_digest(text), person_id=person_id, expires_at=expires_at)
        return Token(text, expires_at), sign_in


def _digest(token: str) -> bytes:
    # A token is long and random: a plain digest can't be turned back.
    return hashlib.sha256(token.encode()).digest()
