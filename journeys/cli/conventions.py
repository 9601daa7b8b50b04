"""What verbs have in common: exit codes, how help looks, and the options that name what runs elsewhere."""

from __future__ import annotations

import argparse
from typing import Final, TypeVar

_Parser = TypeVar("_Parser", bound=argparse.ArgumentParser)

PASSED: Final = 0
FAILED: Final = 1
USAGE: Final = 2
INFRASTRUCTURE: Final = 3
INTERNAL: Final = 3
INTERRUPTED: Final = 130
UNREAD: Final = 141
TERMINATED: Final = 143

_PYTEST_USAGE, _PYTEST_NOTHING_COLLECTED = 4, 5

STORE_VARIABLE: Final = "JOURNEYS_STORE"
"""The environment variable that says where nights are recorded: an address may hold a password."""


def exit_code_from_pytest(code: int, *, interrupted: bool) -> int:
    """Turn pytest's exit code into ours.

    The plugin ends a session with codes of ours already; but pytest's 2 may be Ctrl-C or the plugin's word.
    """
    if interrupted:
        return INTERRUPTED
    return USAGE if code in {_PYTEST_USAGE, _PYTEST_NOTHING_COLLECTED} else code


def add_command(commands: argparse._SubParsersAction[_Parser], name: str, summary: str) -> _Parser:
    """Add a verb, or a command of one, whose options are never abbreviated."""
    return commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_addresses(parser: argparse.ArgumentParser) -> None:
    """Add `--app-url` and `--backend-url`."""
    group = parser.add_argument_group("what runs elsewhere (started from [tool.journeys.servers] otherwise)")
    group.add_argument("--app-url", metavar="URL", help="the Flutter web build to use")
    group.add_argument("--backend-url", metavar="URL", help="the backend that app talks to")
