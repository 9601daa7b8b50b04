"""A few connections to PostgreSQL, whose errors say in one line what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

from journeys.errors import InfrastructureError, SetupError
from journeys.farm.database.migrations import SCHEMA, migrate

try:
    import asyncpg  # type: ignore[import-untyped]  # it ships no types
except ModuleNotFoundError as error:
    raise SetupError(f"the nightly job needs {error.name}: pip install 'journeys[farm]'") from error

PATIENCE = 10.0
"""Seconds a server is given to take a connection."""

CONNECTIONS = 4
"""How many connections a process has at most: a heartbeat never waits behind more than three questions."""

_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


class Database:
    """Connections to one database; made by `open_database`."""

    def __init__(self, pool: Any, shown: str) -> None:
        self._pool = pool
        self._shown = shown

    async def rows(self, question: str, *values: object, timeout: float | None = None) -> list[Any]:
        """Return the rows that answer a question; `$1` in it stands for the first value."""
        with _errors_of(self._shown):
            return list(await self._pool.fetch(question, *values, timeout=timeout))

    async def row(self, question: str, *values: object, timeout: float | None = None) -> Any:
        """Return the first row that answers a question, or None."""
        with _errors_of(self._shown):
            return await self._pool.fetchrow(question, *values, timeout=timeout)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Do several things as one: all of them are kept, or none where the block raises."""
        with _errors_of(self._shown):
            async with self._pool.acquire() as connection, connection.transaction():
                yield Transaction(connection)


class Transaction:
    """What may be asked and written inside a transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, question: str, *values: object) -> list[Any]:
        """Return the rows that answer a question; `$1` in it stands for the first value."""
        return list(await self._connection.fetch(question, *values))

    async def do(self, command: str, *values: object) -> None:
        """Run a command that answers nothing."""
        await self._connection.execute(command, *values)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
        """Write many rows at once."""
        await self._connection.copy_records_to_table(table, columns=list(columns), records=rows)


@asynccontextmanager
async def open_database(address: str) -> AsyncIterator[Database]:
    """Connect to `postgresql://…` and bring its tables up to date.

    Raises `SetupError` for an address that is none or a server that refuses, `InfrastructureError` for one
    that does not answer.
    """
    shown = _without_secrets(address)
    try:
        # The tables have a schema of their own: whatever else is in the database stays as it is.
        pool = asyncpg.create_pool(
            address,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=PATIENCE,
            server_settings={"search_path": SCHEMA, "application_name": "journeys farm", "TimeZone": "UTC"},
        )
        with _errors_of(shown):
            await pool
    except ValueError as error:
        raise SetupError(f"the store's address {shown} is none that PostgreSQL knows: {error}") from None
    try:
        with _errors_of(shown):
            async with pool.acquire() as connection:
                await migrate(connection, shown)
        yield Database(pool, shown)
    finally:
        await _close(pool)


async def _close(pool: Any) -> None:
    # A server that is gone takes no goodbye.
    try:
        await pool.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()


@contextmanager
def _errors_of(shown: str) -> Iterator[None]:
    try:
        yield
    except _REFUSED as error:
        raise SetupError(f"the store at {shown} refuses: {error}") from error
    except TimeoutError as error:
        raise InfrastructureError(
            f"the store at {shown} did not answer in time: does it run there?"
        ) from error
    except asyncpg.InterfaceError as error:
        if isinstance(error, ValueError):
            raise  # an address that is none
        raise InfrastructureError(f"the store at {shown} has gone: {_line(error)}") from error
    except (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, OSError) as error:
        raise InfrastructureError(f"the store at {shown} can't be reached: {_line(error)}") from error
    except asyncpg.AdminShutdownError as error:
        raise InfrastructureError(f"the store at {shown} was shut down: {_line(error)}") from error
    except asyncpg.PostgresError as error:
        raise InfrastructureError(f"the store at {shown} failed: {_line(error)}") from error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _without_secrets(address: str) -> str:
    """Return an address as it may be shown: no password, and none of the options, which may hold one."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "given"
    if parts.scheme not in {"postgresql", "postgres"}:
        return "given"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
