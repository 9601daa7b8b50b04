"""What a device's UiAutomator2 server refuses, in the words a client gets to read.

UiAutomatorError
├── InvalidSelector        a lookup's expression can't be read
├── InvalidArgument        what a command was given isn't what it takes
├── InvalidElementState    an element can't do what was asked of it
├── InvalidSession         there is no such session
├── UnknownAttribute       an element has no attribute of that name
├── UnsupportedSetting     the server has no setting of that name
├── NoAlert                no dialog is open
├── NoSuchElement          nothing was found, or an element's id is none that was given out
├── StaleElement           an element that a lookup starts from is gone
└── NotSupported           what was asked for a device does, and the stand-in doesn't
"""

from __future__ import annotations


class UiAutomatorError(Exception):
    """What was asked for can't be done; its text is what a device's server would say.

    `error` is WebDriver's name for it, which the answer carries beside the text, `status` that of the answer.
    """

    error = "unknown error"
    status = 500


class InvalidSelector(UiAutomatorError):
    """A lookup's expression can't be read."""

    error, status = "invalid selector", 400


class InvalidArgument(UiAutomatorError):
    """What a command was given isn't what it takes."""

    error, status = "invalid argument", 400


class InvalidElementState(UiAutomatorError):
    """An element can't do what was asked of it."""

    error, status = "invalid element state", 400


class InvalidSession(UiAutomatorError):
    """There is no such session."""

    error, status = "invalid session id", 404


class UnknownAttribute(UiAutomatorError):
    """An element has no attribute of that name."""

    error, status = "unknown command", 404


class UnsupportedSetting(UiAutomatorError):
    """The server has no setting of that name."""

    error = "unsupported operation"


class NoAlert(UiAutomatorError):
    """No dialog is open."""

    error, status = "no such alert", 404


class NoSuchElement(UiAutomatorError):
    """Nothing was found, or an element's id is none that was given out."""

    error, status = "no such element", 404


class StaleElement(UiAutomatorError):
    """An element that a lookup starts from is gone."""

    error, status = "stale element reference", 404


class NotSupported(UiAutomatorError):
    """What was asked for a device does, and the stand-in doesn't."""
