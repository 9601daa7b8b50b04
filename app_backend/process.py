"""The running process: one event loop, the server on it, and everything that may end them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import socket
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from pydantic import ValidationError
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from app_backend.api import guard_this_machine, open_backend
from app_backend.connections import BoundedProtocol
from app_backend.errors import BackendError
from app_backend.observability import configure_logging
from app_backend.sample import seed
from app_backend.settings import Mode, Settings, check_production, proxy_warning
from embedded_postgres import EmbeddedPostgres, PostgresError
from local_server import LocalServer, stop_event, url_of

log = logging.getLogger(__name__)

GRACE_S = 5
"""How long requests under way may take to finish at the end."""

OPEN_FILES = 65536
"""Every event stream is an open file: as many as this, where the system lets us."""


@dataclass(frozen=True)
class ServeOptions:
    """What the command line asked for. Either `postgres` or `database_url` is given.

    `pictures` is None where the settings name their storage.
    """

    listening: socket.socket
    postgres: EmbeddedPostgres | None
    database_url: str
    pictures: Path | None
    seed_sample: bool
    until_stdin_closes: bool
    keeps_data: bool


def serve(options: ServeOptions) -> None:
    """Answer requests until told to stop; raises `BackendError` where that can't be done."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise BackendError(f"a setting is not valid: {wrong}") from error
    check_production(
        settings,
        database_url=options.database_url,
        seed_sample=options.seed_sample,
        keeps_data=options.keeps_data,
    )
    configure_logging(production=settings.mode is Mode.PRODUCTION)
    if warning := proxy_warning(settings, listening_on=options.listening.getsockname()[0]):
        log.warning(warning)
    _allow_open_files()
    try:
        # uvloop where it is installed, as uvicorn itself has it: events reach thousands of readers sooner.
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_run(options, settings))
    except BaseExceptionGroup as group:
        known = group.subgroup(BackendError)
        if known is None:
            raise
        raise _first_error(known) from group


async def _run(options: ServeOptions, settings: Settings) -> None:
    """Work until a signal, or the end of standard input where that was asked for."""
    stop = stop_event(at_end_of_stdin=options.until_stdin_closes)
    serving = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(_work(options, settings, stop, serving))
        ordered = tasks.create_task(stop.wait())
        await asyncio.wait({work, ordered}, return_when=asyncio.FIRST_COMPLETED)
        ordered.cancel()
        if not serving.is_set():
            # Stopped while starting: there is nothing to end in order yet.
            work.cancel()


async def _work(
    options: ServeOptions, settings: Settings, stop: asyncio.Event, serving: asyncio.Event
) -> None:
    """Open everything, serve until told to stop, close everything."""
    try:
        database_url = await options.postgres.url() if options.postgres else options.database_url
    except PostgresError as error:
        raise BackendError(str(error)) from error
    async with open_backend(settings, database_url=database_url, pictures=options.pictures) as (
        made,
        services,
    ):
        app: ASGIApp = made
        if options.seed_sample:
            await seed(services)
        if settings.mode is Mode.DEVELOPMENT:
            app = guard_this_machine(app, settings, listening_on=options.listening.getsockname()[0])
        config = uvicorn.Config(
            app,
            http=BoundedProtocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # The app does that, for the proxies of the settings only: by default all on this machine count.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = LocalServer(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([options.listening]))
            serving.set()
            await server.up.wait()
            print(f"app_backend: serving on {url_of(options.listening)}", flush=True)  # noqa: T201 - the command's one line
            await stop.wait()
            # Streams first: the server waits for open connections.
            services.hub.close()
            server.should_exit = True


def _allow_open_files() -> None:
    """Raise the soft limit of open files, which is made for programs of another kind, up to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # macOS has a lower limit of its own, which it doesn't tell.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _first_error(group: BaseExceptionGroup[BackendError]) -> BackendError:
    """Return the first error in a group of groups."""
    found = group.exceptions[0]
    return _first_error(found) if isinstance(found, BaseExceptionGroup) else found
