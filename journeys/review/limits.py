"""What the review takes at most: of a person, of a results folder, of git."""

from __future__ import annotations

from typing import Final

NOTE: Final = 2000
"""Characters of a note."""

AT_ONCE: Final = 10_000
"""Decisions in one request or one file."""

BODY: Final = 4 * 2**20
"""Bytes of a request."""

DOCUMENT: Final = 64 * 2**20
"""Bytes of a JSON file."""

TREE: Final = 8 * 2**20
"""Bytes of a semantics tree."""

PICTURE: Final = 64 * 2**20
"""Bytes of a picture."""

PIXELS: Final = 64_000_000
"""Pixels of a picture."""

VERSIONS: Final = 20
"""Earlier versions of a baseline that are shown."""
