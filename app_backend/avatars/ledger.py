"""The ledger of pictures: which files there are or may be, whatever process dies at whatever moment.

A picture comes (its row is committed before its first file), is shown (from the commit of the profile that
shows it), and leaves (from the commit that replaces it, until its files and then its row are gone). Whoever
writes the files holds the row locked meanwhile; where a process is killed, PostgreSQL lets go of the lock,
and a sweep sees that nobody works at that picture any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.database import Database, LedgerIdentity, PersonRow, PictureRow, PictureState

Key = tuple[uuid.UUID, str]
"""A picture's person and version."""

# Plain statements on the table: no upload has to pay for objects that nobody looks at.
PICTURES = cast("Table", PictureRow.__table__)
KEY = (PICTURES.c.person_id, PICTURES.c.version)
STATE = PICTURES.c.state


class Ledger:
    """Writes and reads the ledger. Methods that take a session work within its transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, key: Key) -> None:
        """Write down, at once, that a picture is coming."""
        async with self._database.autocommit() as connection:
            await connection.execute(insert(PICTURES).values(_row(key, PictureState.COMING)))

    async def hold(self, session: AsyncSession, key: Key) -> bool:
        """Lock a coming picture until the transaction ends; False where a sweep took it for abandoned."""
        coming = select(STATE).where(_has_key(key), STATE == PictureState.COMING)
        return await session.scalar(coming.with_for_update()) is not None

    async def replace(self, session: AsyncSession, *, old: Key | None, new: Key | None) -> None:
        """Write down that one picture leaves, and another, held by this transaction, is shown."""
        rows = [
            _row(key, state)
            for key, state in ((old, PictureState.LEAVING), (new, PictureState.SHOWN))
            if key is not None
        ]
        if not rows:
            return
        # Inserted where the old picture is of a process that knows no ledger.
        entered = insert(PICTURES).values(rows)
        changed = {"state": entered.excluded.state, "since": entered.excluded.since}
        await session.execute(entered.on_conflict_do_update(index_elements=KEY, set_=changed))

    async def withdraw(self, key: Key) -> bool:
        """Let a picture leave that never came; False where it did, or where it isn't known by now."""
        return key in await self._let_leave(and_(_has_key(key), STATE == PictureState.COMING))

    async def withdraw_abandoned(self) -> int:
        """Let pictures leave whose upload has ended without an end; return how many."""
        return len(await self._let_leave(STATE == PictureState.COMING))

    async def retire_unshown(self) -> int:
        """Let pictures leave that were shown by somebody who is gone, or shows another; return how many."""
        shown = exists().where(
            PersonRow.id == PICTURES.c.person_id, PersonRow.avatar_version == PICTURES.c.version
        )
        return len(await self._let_leave(and_(STATE == PictureState.SHOWN, ~shown)))

    async def find_leaving(self, *, after: Key | None, limit: int) -> list[Key]:
        """Return pictures whose files are to be deleted, in the order of their keys, behind `after`."""
        found = select(*KEY).where(STATE == PictureState.LEAVING)
        if after is not None:
            found = found.where(tuple_(*KEY) > after)
        async with self._database.reading() as session:
            rows = await session.execute(found.order_by(*KEY).limit(limit))
            return [(person_id, version) for person_id, version in rows]

    async def strike_out(self, keys: Collection[Key]) -> None:
        """Forget pictures that were leaving and whose files are gone."""
        async with self._database.autocommit() as connection:
            await connection.execute(
                delete(PICTURES).where(tuple_(*KEY).in_(keys), STATE == PictureState.LEAVING)
            )

    async def find_unknown(self, keys: Collection[Key]) -> list[Key]:
        """Return those pictures that neither the ledger nor anybody's profile knows."""
        entered = select(*KEY).where(tuple_(*KEY).in_(keys))
        shown = select(PersonRow.id, PersonRow.avatar_version).where(
            tuple_(PersonRow.id, PersonRow.avatar_version).in_(keys)
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
        free = select(*KEY).where(which).with_for_update(skip_locked=True, of=PICTURES)
        leaving = (
            update(PICTURES)
            .where(tuple_(*KEY).in_(free))
            .values(state=PictureState.LEAVING, since=func.now())
            .returning(*KEY)
        )
        async with self._database.autocommit() as connection:
            return [(person_id, version) for person_id, version in await connection.execute(leaving)]


def _has_key(key: Key) -> ColumnElement[bool]:
    return and_(PICTURES.c.person_id == key[0], PICTURES.c.version == key[1])


def _row(key: Key, state: PictureState) -> dict[str, object]:
    # PostgreSQL's clock: one for all processes.
    return {"person_id": key[0], "version": key[1], "state": state, "since": func.now()}
