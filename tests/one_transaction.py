"""All that the backend does to its database in one transaction, which is rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker

from app_backend.database import Database


class _Joined(AsyncEngine):
    """An engine whose every connection is the same one, at a savepoint of its own.

    What is done on it stays where that was asked for (`begin`), or where every statement commits by itself.
    """

    def __init__(self, connection: AsyncConnection, *, commits: bool) -> None:
        super().__init__(connection.engine.sync_engine)
        self._connection = connection
        self._commits = commits

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:  # type: ignore[override]  # used in `async with` only
        async with self._connection.begin_nested() as savepoint:
            yield self._connection
            if not self._commits:
                await savepoint.rollback()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self._connection.begin_nested():
            yield self._connection


@asynccontextmanager
async def one_transaction(database: Database) -> AsyncIterator[AsyncConnection]:
    """Have a database do all its work in one transaction; yield its connection, and roll back at the end.

    A commit releases a savepoint, a rollback goes back to one. So these need real commits, and other tests:

    - events, which PostgreSQL sends with the commit;
    - another connection or process that is to see a change, or to wait for a lock;
    - several requests at once, as a connection does one thing at a time;
    - time that passes in the database, where `now()` is when the transaction began.
    """
    async with database.engine.connect() as connection:
        transaction = await connection.begin()
        sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        try:
            with patch.multiple(
                database,
                engine=_Joined(connection, commits=False),
                sessions=sessions,
                _reads=sessions,
                _autocommit=_Joined(connection, commits=True),
            ):
                yield connection
            await transaction.rollback()
        except BaseException:
            # In whatever state it is: the next test gets another one.
            await connection.invalidate()
            raise
