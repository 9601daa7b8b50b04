"""Start the backend: `python -m app_backend`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from app_backend.errors import BackendError
from embedded_postgres import EmbeddedPostgres, PostgresError, PostgresMissing
from local_server import listen

USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the backend until it is told to stop; return the exit code."""
    options = _parser().parse_args(arguments)
    # Until the event loop takes over: a stop during the start is a clean end, too.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop_early)
    try:
        with _listen(options.host, options.port) as listening:
            _serve(options, listening)
    except BackendError as error:
        print(f"app_backend: {error}", file=sys.stderr)  # noqa: T201 - for the person who started it
        return USAGE_ERROR
    return 0


def _stop_early(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _serve(options: argparse.Namespace, listening: socket.socket) -> None:
    database_url = options.database_url or os.environ.get("DATABASE_URL") or ""
    with ExitStack() as opened:
        postgres: EmbeddedPostgres | None = None
        folder: Path | None = options.data
        if not database_url:
            try:
                postgres = opened.enter_context(EmbeddedPostgres(folder, only=True))
            except PostgresMissing as error:
                raise BackendError(f"{error}, or give --database-url") from error
            except PostgresError as error:
                raise BackendError(f"the data folder {error}") from error
            folder = postgres.folder
        elif folder is None and not os.environ.get("APP_BACKEND_STORAGE_URL"):
            raise BackendError(
                "an existing database needs a place for the pictures as well: "
                "give --data DIR, or set APP_BACKEND_STORAGE_URL"
            )
        # Imported while the server comes up: both take about the same time.
        from app_backend.process import ServeOptions, serve  # noqa: PLC0415 - after the arguments are sound

        serve(
            ServeOptions(
                listening=listening,
                postgres=postgres,
                database_url=database_url,
                pictures=folder / "pictures" if folder is not None else None,
                seed_sample=options.seed_sample,
                until_stdin_closes=options.until_stdin_closes,
                keeps_data=options.data is not None or bool(database_url),
            )
        )


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is started, so that a port in use costs nothing."""
    try:
        return listen(port, host)
    except OSError as error:
        reason = f"can't listen on {host}:{port} ({error.strerror})"
        raise BackendError(f"{reason}: choose another --port") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app_backend", description="The live backend.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=Path(folder) if (folder := os.environ.get("APP_BACKEND_DATA")) else None,
        help="keep everything in this folder (default: APP_BACKEND_DATA, or a temporary one)",
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="use this PostgreSQL (default: DATABASE_URL, or an embedded one)",
    )
    parser.add_argument("--seed-sample", action="store_true", help="make two sample people, with posts")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when standard input reaches its end, too"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
