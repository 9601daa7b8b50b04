"""Sign-ins: begun, proved by short-lived tokens, refreshed, listed and ended.

A refresh token works once: whoever exchanges it gets the next pair. Should it come a second time, two
parties have it, and nobody can say which of them is the person: the whole sign-in ends. The one exception is
an answer that was lost: for a short grace, and as long as the pair in that answer was not refreshed itself,
asking again replaces that pair by another, and what was in the lost answer is worthless.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Self

from sqlalchemy import Delete, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from app_backend.database import Database, PersonRow, SignIn, TokenPair
from app_backend.errors import Problem, invalid_token

MAX_USER_AGENT = 200
"""Characters that are kept of what a client calls itself."""

IPV6_HOME = 64
"""The prefix of IPv6 that belongs to one household or machine: within it, addresses are free to choose."""


@dataclass(frozen=True)
class Origin:
    """A client's address, shortened to what one client can't change at will, and what it calls itself."""

    address: str
    user_agent: str

    @property
    def is_this_machine(self) -> bool:
        """Whether it is the loopback address: a proxy's here that isn't trusted, and so maybe everybody's."""
        try:
            return ip_address(self.address).is_loopback
        except ValueError:
            return False

    @classmethod
    def of(cls, connection: HTTPConnection) -> Self:
        """Return where a request comes from.

        Headers of proxies are not read here: where one is trusted, its client is put in its place before.
        """
        address = connection.client.host if connection.client else ""
        said = connection.headers.get("user-agent", "")
        user_agent = "".join(each for each in said if each.isprintable())[:MAX_USER_AGENT]
        return cls(_one_client(address), user_agent)


def _one_client(address: str) -> str:
    """Return an IPv4 address as it is, of an IPv6 address the network; anything else as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        # The loopback address is one machine, and no household's network.
        return str(parsed) if parsed.is_loopback else str(ip_network((parsed, IPV6_HOME), strict=False))
    return str(parsed)


TOKEN_BYTES = 32


@dataclass(frozen=True, repr=False)
class Tokens:
    """What a sign-in gives out once: a token for requests, and one to get the next two with."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime


def new_token() -> str:
    """Return a token nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """Return what is kept of a token; as it is long and random, a plain digest can't be turned back."""
    return hashlib.sha256(token.encode()).digest()


MAX_LISTED = 100
MAX_SWEPT = 100
"""How many sign-ins that have expired are removed with each that begins."""


@dataclass(frozen=True)
class Caller:
    """Who sent a request, and by which sign-in."""

    person: PersonRow
    sign_in_id: uuid.UUID


class SignIns:
    """Gives out tokens and tells whose they are. Lifetimes and the grace are in seconds."""

    def __init__(
        self,
        database: Database,
        *,
        token_lifetime_s: float,
        refresh_lifetime_s: float,
        refresh_grace_s: float,
    ) -> None:
        self._database = database
        self._token_lifetime = timedelta(seconds=token_lifetime_s)
        self._refresh_lifetime = timedelta(seconds=refresh_lifetime_s)
        self._grace = timedelta(seconds=refresh_grace_s)

    async def begin(self, session: AsyncSession, person_id: uuid.UUID, origin: Origin) -> Tokens:
        """Sign a person in with the session's transaction; whether they may is for the caller to know."""
        now = datetime.now(UTC)
        await session.execute(_delete_expired(now))
        sign_in = SignIn(
            id=uuid.uuid4(),
            person_id=person_id,
            address=origin.address,
            user_agent=origin.user_agent,
            created_at=now,
            refreshed_at=now,
            expires_at=now + self._refresh_lifetime,
        )
        session.add(sign_in)
        await session.flush()
        tokens, pair = self._make_pair(sign_in.id, now)
        session.add(pair)
        return tokens

    async def caller_of(self, token: str) -> Caller | None:
        """Return whose access token this is, or None where it is unknown or has expired."""
        now = datetime.now(UTC)
        async with self._database.reading() as session:
            found = await session.execute(
                select(PersonRow, SignIn.id)
                .join(SignIn, SignIn.person_id == PersonRow.id)
                .join(TokenPair, TokenPair.sign_in_id == SignIn.id)
                .where(TokenPair.access_digest == digest(token))
                .where(TokenPair.access_expires_at > now, SignIn.expires_at > now)
            )
            row = found.first()
        return Caller(row[0], row[1]) if row else None

    async def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for the next pair; raises `Problem` (401) where that can't be.

        One that was exchanged before ends its sign-in, see above.
        """
        now = datetime.now(UTC)
        presented = digest(refresh_token)
        async with self._database.sessions.begin() as session:
            # The sign-in is locked first, the pair read after: so the second of two requests sees the first.
            belongs_to = select(TokenPair.sign_in_id).where(TokenPair.refresh_digest == presented)
            sign_in = await session.scalar(
                select(SignIn).where(SignIn.id == belongs_to.scalar_subquery()).with_for_update()
            )
            pair = await session.get(TokenPair, presented) if sign_in is not None else None
            if sign_in is None or pair is None or pair.refresh_expires_at <= now:
                raise _not_valid_problem()
            tokens: Tokens | None = None
            if pair.exchanged_at is None or await self._was_lost(session, pair, now):
                await session.execute(
                    delete(TokenPair)
                    .where(TokenPair.sign_in_id == sign_in.id, TokenPair.refresh_expires_at < now)
                    .execution_options(synchronize_session=False)
                )
                tokens, successor = self._make_pair(sign_in.id, now)
                session.add(successor)
                pair.exchanged_at = pair.exchanged_at or now
                pair.successor = successor.refresh_digest
                sign_in.refreshed_at, sign_in.expires_at = now, successor.refresh_expires_at
            else:
                await session.delete(sign_in)
        if tokens is None:
            raise invalid_token(
                "this refresh token was used before: the sign-in has been ended, sign in again"
            )
        return tokens

    async def list_of(self, person_id: uuid.UUID) -> Sequence[SignIn]:
        """Return where a person is signed in, newest first, 100 at most."""
        async with self._database.reading() as session:
            found = await session.scalars(
                select(SignIn)
                .where(SignIn.person_id == person_id, SignIn.expires_at > datetime.now(UTC))
                .order_by(SignIn.created_at.desc(), SignIn.id)
                .limit(MAX_LISTED)
            )
            return found.all()

    async def end(self, sign_in_id: uuid.UUID, *, person_id: uuid.UUID) -> None:
        """End a person's sign-in, so that all its tokens are worthless; raises `Problem` (404)."""
        async with self._database.sessions.begin() as session:
            ended = await session.execute(
                delete(SignIn)
                .where(SignIn.id == sign_in_id, SignIn.person_id == person_id)
                .returning(SignIn.id)
            )
            if ended.first() is None:
                # Somebody else's is no different from none: nobody learns which there are.
                raise Problem(404, "there is no such sign-in")

    def _make_pair(self, sign_in_id: uuid.UUID, now: datetime) -> tuple[Tokens, TokenPair]:
        tokens = Tokens(new_token(), now + self._token_lifetime, new_token(), now + self._refresh_lifetime)
        pair = TokenPair(
            refresh_digest=digest(tokens.refresh),
            access_digest=digest(tokens.access),
            sign_in_id=sign_in_id,
            access_expires_at=tokens.access_expires_at,
            refresh_expires_at=tokens.refresh_expires_at,
            exchanged_at=None,
            successor=None,
        )
        return tokens, pair

    async def _was_lost(self, session: AsyncSession, pair: TokenPair, now: datetime) -> bool:
        """Tell whether the answer to an exchange may have been lost; if so, make what it held worthless."""
        if pair.exchanged_at is None or pair.successor is None or now > pair.exchanged_at + self._grace:
            return False
        lost = await session.get(TokenPair, pair.successor)
        if lost is None or lost.exchanged_at is not None:
            return False
        lost.exchanged_at, lost.access_expires_at = now, now
        return True


def _delete_expired(now: datetime) -> Delete:
    # Those that another process removes just now are left to it: nobody waits, and none in a circle.
    expired = (
        select(SignIn.id).where(SignIn.expires_at < now).limit(MAX_SWEPT).with_for_update(skip_locked=True)
    )
    return delete(SignIn).where(SignIn.id.in_(expired)).execution_options(synchronize_session=False)


def _not_valid_problem() -> Problem:
    return invalid_token("the sign-in is not valid any more: sign in again")
