"""The store that the commands of `journeys farm` go by: `--store`, `JOURNEYS_STORE`, else an embedded one."""

from __future__ import annotations

import argparse
import os
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.configuration import read_configuration

if TYPE_CHECKING:
    from journeys.nightly.store import Store

VARIABLE = "JOURNEYS_STORE"


def add_store(parser: argparse.ArgumentParser) -> None:
    """Let the store be named."""
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        type=Path,
        help=f"an embedded PostgreSQL's folder (default: the server at ${VARIABLE}, else .journeys/store)",
    )


def store_of(arguments: argparse.Namespace) -> tuple[str | None, Path]:
    """Return the store's address, if it has one, and the folder of the embedded one.

    Addresses hold passwords, so they come from the environment only.
    """
    if arguments.store is not None:
        return None, arguments.store.absolute()
    folder = read_configuration(Path.cwd()).root / ".journeys" / "store"
    return os.environ.get(VARIABLE) or None, folder


def opened_store(arguments: argparse.Namespace) -> AbstractAsyncContextManager[Store]:
    """Open the store that was named."""
    from journeys.nightly.store import open_store  # noqa: PLC0415 - a wrong command line needs none of it

    return open_store(*store_of(arguments))
