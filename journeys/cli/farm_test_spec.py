"""`journeys farm test-spec`: what AWS Device Farm's test host has to do."""

from __future__ import annotations

import argparse
import re

from rich.console import Console

from journeys.cli.exits import PASSED

_NAME = re.compile(r"[\w.-]+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys farm test-spec` takes."""
    parser.add_argument(
        "--target", metavar="NAME", type=_name, default="aws", help="the target to play on (default: aws)"
    )


def call(arguments: argparse.Namespace) -> int:
    """Print the test spec."""
    from journeys.devices.providers import aws_test_spec  # noqa: PLC0415 - a wrong command line needs none of it

    Console().out(aws_test_spec(arguments.target), end="", highlight=False)
    return PASSED


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: letters, digits, dots and dashes only")
    return text
