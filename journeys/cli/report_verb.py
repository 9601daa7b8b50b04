"""`journeys report`: show the page of a run."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from journeys.cli.conventions import PASSED
from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import SetupError, UsageError, error_from_system
from journeys.report import PAGE, SCHEMA, RunDocument, write_run_page

_EPILOG = """\
Each run writes its page by itself. This writes it anew from journeys.json and what lies beside it, as after
results came from another machine.

examples:
  journeys report --open              the page of the last run, in a browser
  journeys report downloaded/results  the page of results from a CI job
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys report` takes."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "results",
        nargs="?",
        metavar="DIR",
        type=Path,
        default=Path("test-results"),
        help="the folder of a run's results (default: test-results)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def call(arguments: argparse.Namespace) -> int:
    """Write the page, print where it is, and open it where that is wanted."""
    results: Path = arguments.results
    run, page = _read(results / "journeys.json"), results / PAGE
    try:
        write_run_page(page, run, results=results)
    except OSError as error:
        raise error_from_system(error, f"the page can't be written to {page}") from error
    print(page.resolve())
    if arguments.open and not webbrowser.open(page.resolve().as_uri()):
        raise SetupError(f"no browser can be opened here: open {page.resolve()} in one")
    return PASSED


def _read(file: Path) -> RunDocument:
    """Read a run's journeys.json."""
    if not file.is_file():
        raise UsageError(f"{file} is not there: run journeys first, or name the folder of a run's results")
    try:
        run = decode_json(read_document(file), RunDocument)
    except UnreadableDocument as error:
        raise UsageError(f"{file} is not what a run writes: {error}") from error
    if run["schema"] != SCHEMA:
        raise UsageError(f"{file} is of schema {run['schema']}, and this version reads {SCHEMA}")
    return run
