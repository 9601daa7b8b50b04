"""The PostgreSQL that tests are on, and the databases that a run makes there and takes away again.

Of the database that an address names nothing is read but the catalogue, and nothing is written: it is where
one connects in order to make others. All of a run's have names that begin with `NAME_run_ID_`.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

VARIABLE = "TEST_DATABASE_URL"
FORM = "postgresql://user:password@127.0.0.1:5433/app_test"
OTHERWISE = f"or unset {VARIABLE}, for an embedded server"

OLDEST = 15
"""`CREATE DATABASE … STRATEGY` is of this version; the tests are run on 16 and 18."""

CONNECT_S = 10.0
PROBE_S = 3.0
SSL_REQUEST = bytes((0, 0, 0, 8, 4, 210, 22, 47))
"""What every PostgreSQL answers with one letter, S or N."""

IS_TEST = re.compile(r"(?<![a-z])tests?(?![a-z])", re.IGNORECASE)
IS_PRODUCTION = re.compile(r"(?<![a-z])(prod|production|prd|live)(?![a-z])", re.IGNORECASE)


class UnfitDatabase(Exception):
    """No tests can, or may, be run on a database; the text is one line: what was seen, and what to do."""


class DatabaseServer:
    """A server on which one test process makes databases; `open_server` opens it."""

    def __init__(self, url: URL, connection: asyncpg.Connection, run: str, worker: str) -> None:
        self._url = url
        self._connection = connection
        self._prefix = f"{_stem(url)}{run}_"
        self._worker = worker
        self._numbers = itertools.count(1)

    async def create(self) -> str:
        """Make an empty database and return its address."""
        return await self._create("template1")

    async def clone(self) -> str:
        """Make a database with the backend's tables and return its address; they are migrated once a run."""
        template = f"{self._prefix}template"
        async with self._alone(template):
            if not await self._exists(template):
                await self._make_template(template)
        return await self._create(template)

    async def drop(self, url: str) -> None:
        """Remove a database, whoever is still on it."""
        await self._execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    async def _create(self, template: str) -> str:
        name = f"{self._prefix}{self._worker}_{next(self._numbers)}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._address(name)

    async def _make_template(self, name: str) -> None:
        from app_backend.database import Database  # noqa: PLC0415 - takes a second, and few tests need it

        making = f"{self._prefix}making"
        await self._execute(f'DROP DATABASE IF EXISTS "{making}" WITH (FORCE)')
        await self._execute(f'CREATE DATABASE "{making}"')
        database = Database(self._address(making))
        try:
            await database.migrate()
        finally:
            await database.close()
        # Whole, or not there.
        await self._execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    async def _exists(self, name: str) -> bool:
        return bool(await self._connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name))

    async def _execute(self, statement: str) -> None:
        await self._connection.execute(statement)

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """Be the only process of the run that is here."""
        await self._connection.execute("SELECT pg_advisory_lock($1)", _key(name))
        try:
            yield
        finally:
            await self._connection.execute("SELECT pg_advisory_unlock($1)", _key(name))

    async def enter(self) -> None:
        """Hold the run's lock with its other processes, and remove what runs left that were killed."""
        await self._connection.execute("SELECT pg_advisory_lock_shared($1)", _key(self._prefix))
        for prefix in {_run_of(name, _stem(self._url)) for name in await self._names(_stem(self._url))}:
            if prefix != self._prefix:
                await self._remove_unused(prefix)

    async def leave(self) -> None:
        """Remove this process's databases; the run's last process removes what all of them shared."""
        for name in await self._names(f"{self._prefix}{self._worker}_"):
            await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await self._connection.execute("SELECT pg_advisory_unlock_shared($1)", _key(self._prefix))
        await self._remove_unused(self._prefix)

    async def _remove_unused(self, prefix: str) -> None:
        if not await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", _key(prefix)):
            return  # somebody uses them
        for name in await self._names(prefix):
            await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await self._connection.execute("SELECT pg_advisory_unlock($1)", _key(prefix))

    async def _names(self, prefix: str) -> list[str]:
        rows = await self._connection.fetch("SELECT datname FROM pg_database")
        return [row["datname"] for row in rows if row["datname"].startswith(prefix)]


@asynccontextmanager
async def open_server(url: str, *, run: str, worker: str, own: bool) -> AsyncIterator[DatabaseServer]:
    """Open the server of an address for one test process, and leave nothing behind.

    `own`: it is one of ours, whatever its database is called. Raises `UnfitDatabase`.
    """
    parsed = _parse(url)
    connection = await (_connect(parsed) if own else _connect_checked(parsed))
    try:
        server = DatabaseServer(parsed, connection, run, worker)
        await server.enter()
        try:
            yield server
        finally:
            await server.leave()
    finally:
        await connection.close()


async def check(url: str) -> None:
    """Raise `UnfitDatabase` where no tests can be run on the server of an address, or none may be."""
    await (await _connect_checked(_parse(url))).close()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnfitDatabase(f"{VARIABLE} is no address of a database: give {FORM}, {OTHERWISE}") from None
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise UnfitDatabase(
            f"{VARIABLE} begins with {parsed.drivername}://, and the tests need PostgreSQL: "
            f"give {FORM}, {OTHERWISE}"
        )
    if not parsed.database:
        raise UnfitDatabase(f"{VARIABLE} names no database: give {FORM}, {OTHERWISE}")
    return parsed.set(drivername="postgresql")


async def _connect_checked(url: URL) -> asyncpg.Connection:
    """Connect to a database that tests may use."""
    _check_name(url)
    connection = await _connect(url)
    try:
        await _check_server(url, connection)
    except BaseException:
        # Without a word: it may be a server that answers none.
        connection.terminate()
        raise
    return connection


def _check_name(url: URL) -> None:
    name = url.database or ""
    if IS_PRODUCTION.search(name):
        raise UnfitDatabase(
            f'{VARIABLE} names the database "{name}", which looks like production: it was not touched; '
            f"name one that is for tests, such as app_test, {OTHERWISE}"
        )
    if not IS_TEST.search(name):
        raise UnfitDatabase(
            f'{VARIABLE} names the database "{name}", which may be more than one for tests: it was not '
            f"touched; name one that has the word test in its name, such as app_test, {OTHERWISE}"
        )


async def _check_server(url: URL, connection: asyncpg.Connection) -> None:
    from app_backend.database import PRODUCTION_MARK  # noqa: PLC0415 - takes a second, and few tests need it

    version = connection.get_server_version()
    if version.major < OLDEST:
        raise UnfitDatabase(
            f"{VARIABLE}: {_place(url)} is PostgreSQL {version.major}.{version.minor}: "
            f"PostgreSQL {OLDEST} or newer is needed, {OTHERWISE}"
        )
    if await connection.fetchval("SELECT EXISTS (SELECT FROM pg_class WHERE relname = $1)", PRODUCTION_MARK):
        raise UnfitDatabase(
            f'{VARIABLE}: the backend ran in production on "{url.database}", which has the table '
            f"{PRODUCTION_MARK}: it was not touched; name another database, {OTHERWISE}"
        )
    may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    if not await connection.fetchval(may):
        raise UnfitDatabase(
            f"{VARIABLE}: {url.username} may make no databases on {_place(url)}, and each test process needs "
            f"one of its own: ALTER ROLE {url.username} CREATEDB, {OTHERWISE}"
        )


async def _connect(url: URL) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url.render_as_string(hide_password=False), timeout=CONNECT_S)
    except asyncpg.PostgresError as error:
        raise UnfitDatabase(
            f"{VARIABLE}: {_place(url)} refuses ({_line(error)}): mend that, {OTHERWISE}"
        ) from None
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError, ValueError) as error:
        raise UnfitDatabase(f"{VARIABLE}: {await _what_was_seen(url, error)}, {OTHERWISE}") from None


async def _what_was_seen(url: URL, error: Exception) -> str:
    """Say why there is no connection: nobody is there, or somebody who is not PostgreSQL."""
    place = _place(url)
    try:
        async with asyncio.timeout(PROBE_S):
            reader, writer = await asyncio.open_connection(url.host or "localhost", url.port or 5432)
    except (OSError, TimeoutError):
        return f"{place} can't be reached ({_line(error)}): start it (docker compose up -d --wait test-db)"
    try:
        writer.write(SSL_REQUEST)
        async with asyncio.timeout(PROBE_S):
            answer = await reader.read(60)
    except TimeoutError:
        return f"{place} takes connections and says nothing, so it is no PostgreSQL: give another address"
    except OSError:
        answer = b""
    finally:
        writer.close()
    if answer[:1] in {b"S", b"N"} and len(answer) == 1:
        return f"{place} can't be used ({_line(error)}): mend that"
    seen = f"answers {answer.splitlines()[0]!r}" if answer else "closes the connection"
    return f"{place} {seen}, as no PostgreSQL does: give another address"


def _place(url: URL) -> str:
    host = url.query.get("host", url.host) or "localhost"
    return str(host) if str(host).startswith("/") else f"{host}:{url.port or 5432}"


def _line(error: Exception) -> str:
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return text.splitlines()[0] if text else f"no answer within {CONNECT_S:g} s"


def _stem(url: URL) -> str:
    # A name has up to 63 bytes, and the longest of ours has 22 more.
    return f"{re.sub(r'[^A-Za-z0-9_]', '_', url.database or '')[:40]}_run_"


def _run_of(name: str, stem: str) -> str:
    return stem + name.removeprefix(stem).partition("_")[0] + "_"


def _key(name: str) -> int:
    """Return the number of an advisory lock."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
