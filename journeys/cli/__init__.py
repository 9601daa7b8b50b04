"""The `journeys` command: one module per verb, each imported only when it is called."""

from journeys.cli.command import main

__all__ = ["main"]
