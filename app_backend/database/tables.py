"""The tables, as SQLAlchemy sees them; `app_backend/migrations` makes them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMING = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}


class Base(DeclarativeBase):
    """What all tables share: the names of constraints, and that times have a zone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text, bytes: LargeBinary}  # noqa: RUF012 - read by SQLAlchemy, which declares it so


class PersonRow(Base):
    """Somebody with an account. `version` grows by one with every change that others can see."""

    __tablename__ = "people"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    display_name: Mapped[str]
    bio: Mapped[str]
    avatar_version: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]


class SignIn(Base):
    """Somebody signed in somewhere, until it expires or is ended; refreshing it puts the expiry off."""

    __tablename__ = "sign_ins"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    address: Mapped[str]
    user_agent: Mapped[str]
    created_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class TokenPair(Base):
    """An access token and the refresh token it came with; only their digests are kept.

    A pair that was exchanged stays until its refresh token would have expired: a second use is noticed.
    """

    __tablename__ = "token_pairs"

    refresh_digest: Mapped[bytes] = mapped_column(primary_key=True)
    access_digest: Mapped[bytes] = mapped_column(unique=True)
    sign_in_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sign_ins.id", ondelete="CASCADE"), index=True)
    access_expires_at: Mapped[datetime]
    refresh_expires_at: Mapped[datetime] = mapped_column(index=True)
    exchanged_at: Mapped[datetime | None]
    successor: Mapped[bytes | None]


class RateLimit(Base):
    """How often something was done in a window of time that ends at `expires_at`."""

    __tablename__ = "rate_limits"

    key: Mapped[str] = mapped_column(primary_key=True)
    hits: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UsedTicket(Base):
    """An upload ticket that has done its work; kept until it would have expired anyway."""

    __tablename__ = "used_tickets"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PictureState(StrEnum):
    """Where a picture stands."""

    COMING = "coming"
    """Its files are being written; nobody is sent to it yet."""
    SHOWN = "shown"
    """Its person's profile shows it; its files are whole."""
    LEAVING = "leaving"
    """Nobody is sent to it any more; its files are to be deleted, then this row."""


class PictureRow(Base):
    """The ledger of pictures: the row is there before the first file, and goes after the last one.

    No foreign key: a row outlives its person until the files are gone.
    """

    __tablename__ = "pictures"

    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    since: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('coming', 'shown', 'leaving')", name="pictures_state_check"),
        Index("pictures_since_idx", "since", postgresql_where=text("state <> 'shown'")),
    )


class LedgerIdentity(Base):
    """One row: what tells this database's ledger from others, wherever it is restored to."""

    __tablename__ = "ledger_identity"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class IdempotencyKey(Base):
    """An upload that was done, by the key its sender gave it, and the answer it got."""

    __tablename__ = "idempotency_keys"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Post(Base):
    """Something that a person said."""

    __tablename__ = "posts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str]
    created_at: Mapped[datetime]
    author: Mapped[PersonRow] = relationship(lazy="raise")

    # Both are read backwards, newest first, and start at any (created_at, id): keyset paging.
    __table_args__ = (
        Index("posts_created_at_id_idx", "created_at", "id"),
        Index("posts_author_id_created_at_id_idx", "author_id", "created_at", "id"),
    )


class Circuit(Base):
    """A circuit breaker, shared by all processes; one without a row is closed, and nothing failed.

    While it is half open, `trial` is the call that is tried, which has until `trial_until`.
    """

    __tablename__ = "circuits"

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    failures: Mapped[int]
    opened_at: Mapped[datetime | None]
    trial: Mapped[uuid.UUID | None]
    trial_until: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('closed', 'opened', 'half-opened')", name="circuits_state_check"),
    )
