"""What faults do: a decorator around each thing that can fail, which asks whether a fault strikes."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.avatars import draw_default
from app_backend.database import Database
from app_backend.events import LISTENER_NAME, CommittedEvent, Deliver
from app_backend.faults.catalogue import (
    ConnectionsDropped,
    DatabaseDropped,
    EventsDelayed,
    EventsDoubled,
    EventsLost,
    Faults,
    Lasting,
    PicturesFail,
    PicturesHang,
    PicturesWorkerKilled,
    RenditionsStale,
    ResponsesDelayed,
    StorageFull,
    StorageRefuses,
    StorageSlow,
)
from app_backend.rendering import WorkerFault, encode
from app_backend.storage import Operation, Storage, StorageUnavailable, StorageWrapper


class FaultyStorage(StorageWrapper):
    """Asks another storage, unless a fault strikes."""

    def __init__(self, storage: Storage, faults: Faults) -> None:
        super().__init__(storage)
        self._faults = faults

    @asynccontextmanager
    async def surround(self, operation: Operation) -> AsyncIterator[None]:
        """Wait, or raise `StorageUnavailable`, where a fault strikes this operation."""
        slow = self._faults.strike(StorageSlow, when=lambda fault: operation in fault.operations)
        if slow is not None:
            await asyncio.sleep(slow.delay_ms / 1000)
        if self._faults.strike(StorageRefuses, when=lambda fault: operation in fault.operations):
            raise StorageUnavailable("the storage refuses on purpose")
        if operation == "put" and self._faults.strike(StorageFull):
            raise StorageUnavailable("the storage is full on purpose")
        yield


KEPT = 256
"""Of how many people the last picture is remembered."""

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class _PictureHistory:
    folder: str
    files: Files
    previous: Files | None = None
    stale_until: float = 0.0


class StaleRenditions(StorageWrapper):
    """Asks another storage; a new picture's folder shows the owner's previous one where the fault strikes.

    The previous picture is the one that came by here last; for whom none has, the default avatar.
    """

    def __init__(
        self, storage: Storage, faults: Faults, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(storage)
        self._faults = faults
        self._clock = clock
        self._last: OrderedDict[str, _PictureHistory] = OrderedDict()
        self._default: Files | None = None

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder, which may show others for a while."""
        await self._storage.put(folder, files)
        owner = _owner(folder)
        shown = self._last.pop(owner, None)
        picture = _PictureHistory(folder, dict(files))
        fault = self._faults.find(RenditionsStale)
        if fault is not None:
            previous = shown.files if shown is not None else await self._default_files()
            picture = _PictureHistory(folder, dict(files), previous, self._clock() + fault.stale_s)
        self._last[owner] = picture
        while len(self._last) > KEPT:
            self._last.popitem(last=False)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or those of the picture before it."""
        picture = self._last.get(_owner(folder))
        if (
            picture is not None
            and picture.folder == folder
            and picture.previous is not None
            and self._clock() < picture.stale_until
            and self._faults.strike(RenditionsStale)
        ):
            return picture.previous.get(name)
        return await self._storage.get(folder, name)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        await self._storage.delete(folder)
        picture = self._last.get(_owner(folder))
        if picture is not None and picture.folder == folder:
            del self._last[_owner(folder)]

    async def _default_files(self) -> Files:
        if self._default is None:
            drawn = await asyncio.to_thread(lambda: encode(draw_default()))
            self._default = {f"{size}.webp": content for size, content in drawn.items()}
        return self._default


def _owner(folder: str) -> str:
    return folder.partition("/")[0]


WORKER_FAULTS: dict[type[Lasting], WorkerFault] = {
    PicturesFail: WorkerFault.FAIL,
    PicturesHang: WorkerFault.HANG,
    PicturesWorkerKilled: WorkerFault.KILL,
}


class PictureFaults:
    """Tells a renderer, picture by picture, what is to go wrong in its worker."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def __call__(self) -> WorkerFault | None:
        """Return what goes wrong with the next picture, or None."""
        return next((fault for kind, fault in WORKER_FAULTS.items() if self._faults.strike(kind)), None)


END_S = 5
"""How long a connection's server process may take to end."""

OF_PROCESS = text("SELECT pg_terminate_backend(:pid, :milliseconds)")
OF_NAME = text(
    "SELECT pg_terminate_backend(pid, :milliseconds) FROM pg_stat_activity"
    " WHERE application_name = :name AND datname = current_database()"
)


class ConnectionFaults:
    """Has PostgreSQL end connections of a database where a fault strikes."""

    def __init__(self, database: Database, faults: Faults) -> None:
        self._faults = faults
        # Connections of its own, which no fault ends.
        self._engine = create_async_engine(database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        faults.on_arming(ConnectionsDropped, self._drop_all)
        engine = database.engine.sync_engine

        @event.listens_for(engine, "before_cursor_execute")
        def before_statement(connection: Connection, *_: Any) -> None:
            self._drop(connection, "statement")

        @event.listens_for(engine, "commit")
        def before_commit(connection: Connection) -> None:
            self._drop(connection, "commit")

    def _drop(self, connection: Connection, at: Literal["statement", "commit"]) -> None:
        if self._faults.strike(DatabaseDropped, when=lambda fault: fault.at == at):
            driver: Any = connection.connection.driver_connection
            # Waits until it has ended: what comes next fails for certain.
            await_only(self._end(OF_PROCESS, pid=driver.get_server_pid()))

    async def _drop_all(self, fault: ConnectionsDropped) -> None:
        await self._end(OF_NAME, name=Database.APPLICATION_NAME if fault.of == "pool" else LISTENER_NAME)

    async def _end(self, statement: Any, **values: str | int) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(statement, {**values, "milliseconds": END_S * 1000})


class FaultyDelivery:
    """Delivers events, unless a fault strikes. A delayed event still tells when its change was committed."""

    def __init__(self, deliver: Deliver, faults: Faults) -> None:
        self._deliver = deliver
        self._faults = faults

    def __call__(self, event: CommittedEvent) -> None:
        """Deliver an event now, later, twice, or never."""
        if self._faults.strike(EventsLost):
            return
        delayed = self._faults.strike(EventsDelayed)
        for _ in range(2 if self._faults.strike(EventsDoubled) else 1):
            if delayed is None:
                self._deliver(event)
            else:
                asyncio.get_running_loop().call_later(delayed.delay_ms / 1000, self._deliver, event)


ADMINISTRATION = "/faults"
"""Never delayed: it has to be possible to disarm."""


class DelayedResponses:
    """Middleware that holds back the answers of requests which were worked on in time."""

    def __init__(self, app: ASGIApp, *, faults: Faults) -> None:
        self.app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http" or scope["path"].startswith(ADMINISTRATION):
            await self.app(scope, receive, send)
            return

        async def send_delayed(message: Message) -> None:
            if message["type"] == "http.response.start":
                delayed = self._faults.strike(
                    ResponsesDelayed, when=lambda fault: fnmatchcase(scope["path"], fault.path)
                )
                if delayed is not None:
                    await asyncio.sleep(delayed.delay_ms / 1000)
            await send(message)

        await self.app(scope, receive, send_delayed)
