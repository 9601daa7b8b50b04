"""The ledger of pictures: which files there are or may be, whatever process dies at whatever moment.

A picture comes (its row is committed before its first file), is shown (from the commit of the profile that
shows it), and leaves (from the commit that replaces it, until its files and then its row are gone). Whoever
writes the files holds the row locked meanwhile; where a process is killed, PostgreSQL lets go of the lock,
and a sweep sees that nobody works at that picture any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.database import Database, LedgerIdentity, Person, Picture, PictureState

Key = tuple[uuid.UUID, str]
"""A picture's person and version."""


class Ledger:
    """Writes and reads the ledger. Methods that take a session work within its transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, key: Key) -> None:
        """Write down, at once, that a picture is coming."""
        row = insert(Picture).values(**_values(key, PictureState.COMING))
        async with self._database.sessions.begin() as session:
            await session.execute(row)

    async def hold(self, session: AsyncSession, key: Key) -> bool:
        """Lock a coming picture until the transaction ends; False where a sweep took it for abandoned."""
        coming = select(Picture.version).where(_is(key), Picture.state == PictureState.COMING)
        return await session.scalar(coming.with_for_update()) is not None

    async def show(self, session: AsyncSession, key: Key) -> None:
        """Write down that a picture, held by this transaction, is shown."""
        await session.execute(update(Picture).where(_is(key)).values(_state(PictureState.SHOWN)))

    async def retire(self, session: AsyncSession, key: Key) -> None:
        """Write down that a picture leaves."""
        # Or, of a process older than the ledger, that it has ever been there.
        row = insert(Picture).values(**_values(key, PictureState.LEAVING))
        await session.execute(
            row.on_conflict_do_update(
                index_elements=[Picture.person_id, Picture.version], set_=_state(PictureState.LEAVING)
            )
        )

    async def withdraw(self, key: Key) -> bool:
        """Let a picture leave that never came; False where it did, or where it isn't known by now."""
        return key in await self._let_leave(and_(_is(key), Picture.state == PictureState.COMING))

    async def withdraw_abandoned(self) -> int:
        """Let pictures leave whose upload has ended without an end; return how many."""
        return len(await self._let_leave(Picture.state == PictureState.COMING))

    async def retire_unshown(self) -> int:
        """Let pictures leave that were shown by somebody who is gone, or shows another; return how many."""
        shown = exists().where(Person.id == Picture.person_id, Person.avatar_version == Picture.version)
        return len(await self._let_leave(and_(Picture.state == PictureState.SHOWN, ~shown)))

    async def leaving(self, *, after: Key | None, limit: int) -> list[Key]:
        """Return pictures whose files are to be deleted, in the order of their keys, behind `after`."""
        found = select(Picture.person_id, Picture.version).where(Picture.state == PictureState.LEAVING)
        if after is not None:
            found = found.where(tuple_(Picture.person_id, Picture.version) > after)
        async with self._database.reading() as session:
            rows = await session.execute(found.order_by(Picture.person_id, Picture.version).limit(limit))
            return [(person_id, version) for person_id, version in rows]

    async def strike_out(self, keys: Collection[Key]) -> None:
        """Forget pictures that were leaving and whose files are gone."""
        async with self._database.sessions.begin() as session:
            await session.execute(delete(Picture).where(_among(keys), Picture.state == PictureState.LEAVING))

    async def unknown(self, keys: Collection[Key]) -> list[Key]:
        """Return those pictures that neither the ledger nor anybody's profile knows."""
        entered = select(Picture.person_id, Picture.version).where(_among(keys))
        shown = select(Person.id, Person.avatar_version).where(
            tuple_(Person.id, Person.avatar_version).in_(keys)
        )
        async with self._database.reading() as session:
            known = {(row[0], row[1]) for row in await session.execute(entered.union(shown))}
        return [key for key in keys if key not in known]

    async def identity(self) -> str:
        """Return what tells this ledger from those of other databases; a restored backup keeps it."""
        async with self._database.reading() as session:
            return str(await session.scalar(select(LedgerIdentity.id)))

    async def _let_leave(self, which: ColumnElement[bool]) -> list[Key]:
        """Let those leave that fit and that nobody holds at this moment."""
        free = select(Picture.person_id, Picture.version).where(which)
        free = free.with_for_update(skip_locked=True, of=Picture)
        leaving = (
            update(Picture)
            .where(tuple_(Picture.person_id, Picture.version).in_(free))
            .values(_state(PictureState.LEAVING))
            .returning(Picture.person_id, Picture.version)
        )
        async with self._database.sessions.begin() as session:
            return [(person_id, version) for person_id, version in await session.execute(leaving)]


def _is(key: Key) -> ColumnElement[bool]:
    return and_(Picture.person_id == key[0], Picture.version == key[1])


def _among(keys: Collection[Key]) -> ColumnElement[bool]:
    return tuple_(Picture.person_id, Picture.version).in_(keys)


def _state(state: PictureState) -> dict[str, object]:
    # PostgreSQL's clock: one for all processes.
    return {"state": state, "since": func.now()}


def _values(key: Key, state: PictureState) -> dict[str, object]:
    return {"person_id": key[0], "version": key[1], **_state(state)}
