"""The exit codes of the `journeys` command."""

from __future__ import annotations

from typing import Final

PASSED: Final = 0
FAILED: Final = 1
USAGE: Final = 2
INFRASTRUCTURE: Final = 3
INTERNAL: Final = 3
INTERRUPTED: Final = 130
UNREAD: Final = 141
TERMINATED: Final = 143

_PYTEST_USAGE, _PYTEST_NOTHING_COLLECTED = 4, 5


def from_pytest(code: int, *, interrupted: bool) -> int:
    """Turn pytest's exit code into ours.

    The plugin ends a session with codes of ours already; but pytest's 2 may be Ctrl-C or the plugin's word.
    """
    if interrupted:
        return INTERRUPTED
    return USAGE if code in {_PYTEST_USAGE, _PYTEST_NOTHING_COLLECTED} else code
