"""What a device's UiAutomator2 server refuses, in the words a client gets to read.

    Refusal
    ├── InvalidSelector        a lookup's expression can't be read
    ├── UnknownAttribute       an element has no attribute of that name
    ├── NoSuchElement          a lookup with swipes ended without what it looked for
    ├── StaleElement           an element that a lookup starts from is gone
    └── NotSupported           what was asked for is nothing the stand-in does

`error` is WebDriver's name for it, which the answer carries beside the text.
"""

from __future__ import annotations


class Refusal(Exception):
    """What was asked for can't be done; its text is what a device's server would say."""

    error = "unknown error"


class InvalidSelector(Refusal):
    """A lookup's expression can't be read."""

    error = "invalid selector"


class UnknownAttribute(Refusal):
    """An element has no attribute of that name."""

    error = "unknown command"


class NoSuchElement(Refusal):
    """A lookup with swipes ended without what it looked for."""

    error = "no such element"


class StaleElement(Refusal):
    """An element that a lookup starts from is gone."""

    error = "stale element reference"


class NotSupported(Refusal):
    """What was asked for a device does, and the stand-in doesn't."""
