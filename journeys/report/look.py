"""The look that all pages of reports share: colours, light and dark, type and tables."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_look() -> str:
    """Return the style that a page's own follows."""
    return (files("journeys.report") / "assets" / "look.css").read_text(encoding="utf-8")
