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

_BY_PYTEST = {0: PASSED, 1: FAILED, 2: INTERRUPTED, 3: INTERNAL, 4: USAGE, 5: USAGE}


def from_pytest(code: int) -> int:
    """Turn pytest's exit code into ours; a code of ours that pytest passed on stays what it is."""
    return _BY_PYTEST.get(code, code)
