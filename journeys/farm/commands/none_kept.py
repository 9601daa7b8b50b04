"""What is said where no night of a name or a branch is kept, while others are."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.errors import nearest


def none_of(name: str, branch: str, kept: Sequence[tuple[str, str]]) -> str:
    """Return the sentence, with the nearest of the names and branches that are `kept`."""
    names = {known for known, _ in kept}
    if name and name not in names:
        return f"no night called {name!r} is kept: {nearest(name, names)}"
    called = f" called {name!r}" if name else ""
    branches = {known for of, known in kept if known and name in {"", of}}
    return f"no night{called} of branch {branch!r} is kept: {nearest(branch, branches)}"
