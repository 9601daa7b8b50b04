"""A few connections to PostgreSQL, whose errors say in one line what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from embedded_postgres import EmbeddedPostgres, PostgresError, PostgresMissing
from journeys.errors import InfrastructureError, SetupError

try:
    import asyncpg  # type: ignore[import-untyped]  # it ships no types
except ModuleNotFoundError as error:
    raise SetupError(f"the nightly job needs {error.name}: pip install 'journeys[farm]'") from error

SCHEMA = "journeys_farm"
"""The schema that all tables are in."""

_LOCK = 0x6A6F75726E657973
"""Who holds this advisory lock brings the tables up to date: several processes may start at once."""

CONNECT_TIMEOUT_S = 10.0
"""How long a server may take to accept a connection."""

MAX_CONNECTIONS = 4
"""How many connections a process has at most: a heartbeat never waits behind more than three questions."""

_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)


class StoreDatabase:
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
    async def transaction(self) -> AsyncIterator[Any]:
        """Give asyncpg's connection, on which all is done or, where the block raises, nothing."""
        with _errors_of(self._shown):
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection


@asynccontextmanager
async def open_database(address: str | None, folder: Path) -> AsyncIterator[StoreDatabase]:
    """Connect to `postgresql://…`, None: to an embedded server's in `folder`; bring its tables up to date.

    Several processes may have the same folder open: the server ends with the last of them, however that ends.
    Raises `SetupError` for an address that is none or a server that refuses, `InfrastructureError` for one
    that does not answer.
    """
    if address:
        async with _connect(address) as database:
            yield database
    else:
        async with _open_embedded(folder) as own, _connect(own) as database:
            yield database


@asynccontextmanager
async def _open_embedded(folder: Path) -> AsyncIterator[str]:
    """Have a server of our own run on a folder; yields its address."""
    try:
        server = EmbeddedPostgres(folder)
    except PostgresMissing as error:
        raise SetupError(
            f"no store is named, and {error}, or set JOURNEYS_STORE to a server's postgresql:// address"
        ) from error
    except PostgresError as error:
        raise SetupError(f"the store's folder {error}") from error
    try:
        try:
            address = await server.url()
        except PostgresError as error:
            raise InfrastructureError(f"the store's {error}") from error
        yield address
    finally:
        await asyncio.to_thread(server.close, wait=False)


@asynccontextmanager
async def _connect(address: str) -> AsyncIterator[StoreDatabase]:
    shown = _hide_secrets(address)
    try:
        # The tables have a schema of their own: whatever else is in the database stays as it is.
        pool = asyncpg.create_pool(
            address,
            min_size=1,
            max_size=MAX_CONNECTIONS,
            timeout=CONNECT_TIMEOUT_S,
            server_settings={"search_path": SCHEMA, "application_name": "journeys farm", "TimeZone": "UTC"},
        )
        with _errors_of(shown):
            await pool
    except ValueError as error:
        raise SetupError(f"the store's address {shown} is none that PostgreSQL knows: {error}") from None
    try:
        with _errors_of(shown):
            async with pool.acquire() as connection:
                await _migrate(connection, shown)
        yield StoreDatabase(pool, shown)
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


def _hide_secrets(address: str) -> str:
    """Return an address as it may be shown: no password, and none of the options, which may hold one."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "given"
    if parts.scheme not in {"postgresql", "postgres"}:
        return "given"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def migrations() -> list[str]:
    """Return the text of the numbered SQL files, the first of which is 1."""
    found = files(__package__).joinpath("migrations").iterdir()
    return [file.read_text(encoding="utf-8") for file in sorted(found, key=lambda file: file.name)]


async def _migrate(connection: Any, shown: str) -> None:
    """Apply what a database lacks; raises `SetupError` where it has what this version doesn't know."""
    known = migrations()
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await connection.fetchval("SELECT to_regnamespace($1) IS NULL", SCHEMA):
            await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        if await connection.fetchval("SELECT to_regclass($1) IS NULL", f"{SCHEMA}.migrations"):
            await connection.execute(
                "CREATE TABLE migrations ("
                "number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
            )
        applied = await connection.fetchval("SELECT coalesce(max(number), 0) FROM migrations")
        if applied > len(known):
            raise SetupError(
                f"the store at {shown} was written by a newer version of journeys: update this one, too"
            )
        for number, text in enumerate(known[applied:], applied + 1):
            await connection.execute(text)
            await connection.execute("INSERT INTO migrations (number) VALUES ($1)", number)
