"""Reads the command line, calls the verb, and turns what went wrong into one line and an exit code."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib import import_module
from types import FrameType
from typing import NoReturn

from journeys.cli.conventions import INTERNAL, INTERRUPTED, TERMINATED, UNREAD, USAGE, add_command
from journeys.errors import JourneysError, error_from_system, name_nearest
from journeys.redaction import know_within, redact_streams_within, secrets_in_words
from journeys.standard_streams import make_printable

_VERBS = {
    "run": "run journeys and certify what people see",
    "measure": "run a journey many times, report p50 and p95 of what people see",
    "list": "show the journeys there are",
    "chaos": "break things on purpose, and see what people see of it",
    "plan": "run a test plan seam by seam, see how far it is, find what breaks which test",
    "report": "show the page of the last run: what people saw, when, and what failed",
    "data": "check, load, migrate and compare scenarios of test data",
    "review": "look at screens that changed, approve or reject them",
    "load": "put a crowd on a backend, see what people see meanwhile",
    "farm": "play journeys on many devices in a night, see what changed since when",
    "app": "start the app and its backend, to click through",
    "browser": "show the browser that web journeys use, or install one",
}
_PASSING_ON = ("run", "measure", "chaos", "plan", "farm")
_PASSING = f"{', '.join(_PASSING_ON[:-1])} and {_PASSING_ON[-1]}"
_DESCRIPTION = (
    "End-to-end journeys for Flutter apps that certify the pixels people see against a time budget."
)
_EPILOG = """\
exit codes:
  0   every verdict is "passed"
  1   a verdict is "failed" or "inconclusive"
  2   a wrong command line, or something to set up first: a browser, a sound picture
  3   nothing could be certified: a server or a browser did not answer or went away, or an
      observer could not tell the old look from the new one
  130 ended by Ctrl-C (143: by SIGTERM)
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the `journeys` command and return its exit code."""
    make_printable()
    words = list(sys.argv[1:] if words is None else words)
    with know_within(secrets_in_words(words)), redact_streams_within():
        return _main(words)


def _main(words: list[str]) -> int:
    debug = "--debug" in words
    try:
        with _termination_as_interrupt() as terminated:
            try:
                code = _call(words)
                sys.stdout.flush()
            except KeyboardInterrupt:
                code = INTERRUPTED
            return TERMINATED if terminated and code == INTERRUPTED else code
    except BrokenPipeError:
        # The reader of our output went away (`journeys list | head`): nothing more to say, to nobody.
        _print_no_more()
        return UNREAD
    except JourneysError as error:
        if debug:
            traceback.print_exc()
        _say(str(error))
        return error.exit_code
    except OSError as error:
        if debug:
            traceback.print_exc()
        failure = error_from_system(error, error.filename or "what was to be printed can't be")
        _say(str(failure))
        _print_no_more()
        return failure.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets a line, and --debug the rest
        if debug:
            traceback.print_exc()
        _say(f"unexpected {type(error).__name__}: {error}{'' if debug else ' (--debug shows where)'}")
        return INTERNAL


def _print_no_more() -> None:
    """Keep Python from writing at its end what could not be written: its complaint is of several lines."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _call(words: list[str]) -> int:
    parser = _Parser(
        prog="journeys",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs", parser_class=_Parser)
    wanted = next((word for word in words if not word.startswith("-")), None)
    for verb, summary in _VERBS.items():
        added = add_command(verbs, verb, summary)
        if verb == wanted:
            # Only the verb that is called is imported: pytest and Playwright take their time.
            module = import_module(f"journeys.cli.{verb}_verb")
            module.add_arguments(added)
            added.add_argument("--debug", action="store_true", help="show tracebacks")
    if wanted is None and not words:
        parser.print_help()
        return USAGE
    if wanted is not None and wanted not in _VERBS:
        close = get_close_matches(wanted, _VERBS, n=1)
        parser.error(
            f"there is no {wanted!r}: {name_nearest(wanted, _VERBS) if close else 'see journeys --help'}"
        )
    ours, more = _split(words)
    arguments = parser.parse_args(ours)
    if arguments.verb is None:
        parser.error("which verb? see journeys --help")
    if more and arguments.verb not in _PASSING_ON:
        parser.error(f"only {_PASSING} take words after --, not {arguments.verb}")
    arguments.more = more
    code: int = module.call(arguments)
    return code


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


class _Parser(argparse.ArgumentParser):
    """Argparse, with a mistake said in one line as everything else is, by the command that was called."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]  # argparse has five types for it
        """Refuse what this command doesn't know, before the one above it would; name the nearest option."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{self._suggest_meant(unknown)}")
        return parsed, unknown

    def _suggest_meant(self, unknown: Sequence[str]) -> str:
        wrong = (word.partition("=")[0] for word in unknown if word.startswith("--"))
        for word in wrong:
            if close := get_close_matches(word, self._option_string_actions, n=1):
                return f": {name_nearest(word, close)}"
        return ""

    def error(self, message: str) -> NoReturn:
        hint = "" if "--help" in message else f" (see {self.prog} --help)"
        _say(message + hint)
        raise SystemExit(USAGE)


@contextmanager
def _termination_as_interrupt() -> Iterator[list[int]]:
    """Let a SIGTERM end the command as Ctrl-C does: through every `finally`, so that nothing stays behind."""
    received: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler's signature
        received.append(number)
        if signal.getsignal(signal.SIGINT) in {signal.SIG_IGN, None}:  # started in the background by a shell
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield received
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(message: str) -> None:
    print(f"journeys: error: {' '.join(message.split())}", file=sys.stderr)
