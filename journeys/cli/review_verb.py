"""`journeys review`: decide on screens that differ from their baselines."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import webbrowser
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from journeys.cli.conventions import FAILED, PASSED
from journeys.errors import SetupError, UsageError
from journeys.redaction import unwrap_stream
from journeys.review import (
    Choice,
    ComparisonResults,
    Review,
    read_requests,
    read_results,
    write_reg_json,
)

if TYPE_CHECKING:
    from journeys.review import ServedReview

_APPLY = "apply"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys review` takes."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="apply FILE",
        help="take the decisions in a file that was downloaded from a static page; default: open the page",
    )
    parser.add_argument(
        "--results",
        metavar="DIR",
        type=Path,
        default=Path("test-results"),
        help="the folder of a run's results, or of reg-suit's (default: test-results)",
    )
    parser.add_argument(
        "--baselines",
        metavar="DIR",
        type=Path,
        help="the folder to write approved baselines into (default: the one the run compared with)",
    )
    parser.add_argument(
        "--static",
        metavar="DIR",
        type=Path,
        help="write the page into this folder instead of serving it, to be opened from the disk",
    )
    parser.add_argument("--port", metavar="N", type=_port, default=0, help="the page's port (default: any)")
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="open the page in a browser (default: where there is a terminal and a display)",
    )


def call(arguments: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C, or write it, or apply the decisions in a file."""
    words = arguments.what
    if words and (words[0] != _APPLY or len(words) != 2):
        raise UsageError(f"journeys review {' '.join(words)}: it is journeys review apply FILE")
    if words and arguments.static is not None:
        raise UsageError("--static writes the page, apply takes its decisions: one at a time")
    results = read_results(arguments.results, baselines=arguments.baselines)
    review = Review(results, complain=_complain)
    _write_reg_json(results)
    if words:
        return _apply(review, Path(words[1]))
    if arguments.static is not None:
        return _write(review, arguments.static)
    if not review.entries:
        print(f"all {len(results.entries)} screens look like their baselines: nothing to review")
        return PASSED
    return _serve(review, port=arguments.port, opening=arguments.open)


def _serve(review: Review, *, port: int, opening: bool | None) -> int:
    try:
        from journeys.review import serve  # noqa: PLC0415 - needs what only the page needs
    except ModuleNotFoundError as error:
        raise _lacking_error(error) from error

    def ready(served: ServedReview) -> None:
        count = len(review.entries)
        # The one line that is there to hand over a token.
        out = unwrap_stream(sys.stdout)
        print(
            f"{count} screen{'s differ' if count != 1 else ' differs'}: {served.address_with_token}", file=out
        )
        print("Ctrl-C ends the review; what is decided is kept.", flush=True)
        if opening or (opening is None and _has_display()):
            webbrowser.open(served.make_browser_address())

    try:
        asyncio.run(serve(review, port=port, ready=ready))
    finally:
        with suppress(UsageError):
            print(_summary(review))
    return PASSED


def _write(review: Review, folder: Path) -> int:
    try:
        from journeys.review import write_static_page  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise _lacking_error(error) from error
    try:
        print(f"written: {write_static_page(review, folder)}")
    except OSError as error:
        raise SetupError(f"{folder} can't be written ({error.strerror}): name another folder") from error
    return PASSED


def _apply(review: Review, file: Path) -> int:
    outcome = review.decide(read_requests(file), by=f"file {file.name}")
    for decision in outcome.done.values():
        if decision is not None:
            note = f": {decision.note}" if decision.note else ""
            print(f"{decision.verdict:8}  {decision.path}{note}")
    print(_summary(review))
    return FAILED if outcome.refused else PASSED


def _summary(review: Review) -> str:
    decisions = review.decisions
    counts = Counter(each.verdict for each in decisions.values())
    return (
        f"{counts[Choice.APPROVED]} approved, {counts[Choice.REJECTED]} rejected,"
        f" {len(review.entries) - len(decisions)} undecided"
    )


def _write_reg_json(results: ComparisonResults) -> None:
    if results.is_of_reg:
        return
    try:
        write_reg_json(results.folder, [entry.record for entry in results.entries], orphans=results.orphans)
    except OSError as error:
        _complain(f"reg.json could not be written ({error.strerror}): the review goes on without")


def _complain(line: str) -> None:
    print(f"journeys: {' '.join(line.split())}", file=sys.stderr, flush=True)


def _lacking_error(error: ModuleNotFoundError) -> SetupError:
    return SetupError(f"the review needs {error.name}: pip install 'journeys[review]'")


def _has_display() -> bool:
    drawn = sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    return bool(drawn and sys.stdout.isatty())


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535, 0 for any")
    return int(text)
