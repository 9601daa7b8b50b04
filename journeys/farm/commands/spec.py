"""Prints what AWS Device Farm's test host has to do."""

from __future__ import annotations

from rich.console import Console

from journeys.farm.providers import aws_test_spec


def show_test_spec(console: Console, target: str) -> None:
    """Print the test spec file (YAML) with which AWS Device Farm plays journeys on a target's phone."""
    console.out(aws_test_spec(target), end="", highlight=False)
