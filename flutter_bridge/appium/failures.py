"""Tells in one line what it means that Appium, its driver or the device didn't do what it was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.common.exceptions import (
    InvalidSessionIdException,
    NoSuchElementException,
    StaleElementReferenceException,
    UnknownMethodException,
    WebDriverException,
)
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from flutter_bridge.errors import (
    AppUnreachable,
    BridgeError,
    CommandRefused,
    ElementMissing,
    NoAnswer,
    NotSetUp,
)

MAX_MESSAGE_LENGTH = 300
"""How many characters of a driver's message are shown."""

SESSION_LOST = ("session is either terminated or not started", "session does not exist", "invalid session id")
NODE_GONE = "unable to execute request for an existing session"
"""What a Selenium Grid says of a session whose node it can't reach any more."""

SERVER_STOPPED = (
    "instrumentation process is not running",
    "instrumentation process cannot be initialized",
    "WebDriverAgent is not running",
    "Could not proxy command to the remote server",
    "socket hang up",
    "ECONNREFUSED",
    "ECONNRESET",
)
UNPLUGGED = re.compile(
    r"device (?:'[^']*' not found|offline|unauthorized)|was not in the list of connected dev"
)
NOT_INSTALLED = re.compile(
    r"is it installed|it is installed|is not installed|unable to resolve intent|not found in the device|"
    r"does not exist or is not launchable|App with bundle identifier '[^']*' unknown",
    re.IGNORECASE,
)
NOISE = re.compile(
    r"^(?:Message: |An unknown server-side error occurred while processing the command\. |"
    r"A new session could not be created\. |Details: |"
    r"Could not proxy command to the remote server\. |'[A-Z]+ \S+' cannot be proxied to \w+ server because |"
    r"Original error: |Error: |Unhandled \w+: )+"
)


WRONG = re.compile(
    r"must be of type|must be a plain object|must be contained by|can't be blank|"
    r"not valid for the following reason|Could not find a driver for"
)
"""How Appium refuses capabilities, whatever the device is like."""

NO_SESSION = "valid W3C session creation response"
"""What Appium's client says where the answer to its first request is none that an Appium gives."""

BROWSER_VERSIONS = re.compile(
    r"only supports Chrome version (\d+).{0,60}?browser version is ([\d.]+)", re.DOTALL
)
"""How a chromedriver refuses a browser of another version."""

ADVERT = "; For documentation on this error"
"""How the client ends what it was told with a word of its own."""


@contextmanager
def command_errors(server: str, app: str = "") -> Iterator[None]:
    """Turn what Appium's client raises into one line: `AppUnreachable`, or `CommandRefused`."""
    try:
        yield
    except (HTTPError, OSError) as error:
        raise _no_answer_error(server, error) from error
    except WebDriverException as error:
        raise _command_error(server, app, error) from error


@contextmanager
def session_errors(server: str) -> Iterator[None]:
    """Turn whatever stands in a session's way into one line: `AppUnreachable`."""
    try:
        with command_errors(server):
            try:
                yield
            except WebDriverException as error:
                raise _no_session_error(server, error) from error
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        # The client takes it that an Appium answers.
        raise no_appium_error(server) from error


@contextmanager
def answer_errors(server: str) -> Iterator[None]:
    """Turn what Appium's client makes of an answer that is no driver's into one line: `CommandRefused`."""
    try:
        yield
    except HTTPError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        # The client takes it that a driver answers.
        raise CommandRefused(
            f"Appium at {server} answered what no driver does: is nothing else in between?"
        ) from error


def message_of(error: WebDriverException) -> str:
    """Return what a driver says of an error: what should be a text may be anything."""
    return error.msg if isinstance(error.msg, str) else str(error.msg or "")


def first_line(error: WebDriverException) -> str:
    """Return what a driver says first, without what every driver says before."""
    message = (message_of(error) or type(error).__name__).strip()
    while (cleaner := NOISE.sub("", message).strip()) != message:
        message = cleaner
    # The reason itself comes after what the driver tried.
    line = message.splitlines()[0].partition(ADVERT)[0].strip() if message else type(error).__name__
    return line if len(line) <= MAX_MESSAGE_LENGTH else f"{line[:MAX_MESSAGE_LENGTH]} …"


def _no_answer_error(server: str, error: Exception) -> AppUnreachable:
    # A refused connection is a time-out's kin to urllib3.
    if isinstance(error, NewConnectionError):
        return AppUnreachable(f"Appium at {server} can't be reached: is it running there?")
    if isinstance(error, (ReadTimeoutError, HTTPTimeout, TimeoutError)):
        return NoAnswer(f"Appium at {server} did not answer in time: does it still run, and its device?")
    return AppUnreachable(f"Appium at {server} closed the connection: is it still running there?")


def _command_error(server: str, app: str, error: WebDriverException) -> BridgeError:
    return _lost_session(server, app, error) or _refusal(error)


def _lost_session(server: str, app: str, error: WebDriverException) -> AppUnreachable | None:
    """Return what to raise where nothing more can be asked; None where only one command wasn't done."""
    message, why = message_of(error), first_line(error)
    if UNPLUGGED.search(message):
        return AppUnreachable(f"the device is gone ({why}): plug it in, or start the emulator, and try again")
    if NOT_INSTALLED.search(message):
        return NotSetUp(f"{app or 'the app'} can't be started ({why}): is it installed on the device?")
    if isinstance(error, InvalidSessionIdException) or any(word in message for word in SESSION_LOST):
        return AppUnreachable(f"Appium at {server} has ended the session ({why}): open the app anew")
    if NODE_GONE in message.lower():
        return AppUnreachable(
            f"the node of the Grid at {server} that had the session is gone ({why}): open the app anew"
        )
    if any(word in message for word in SERVER_STOPPED):
        return AppUnreachable(
            f"the driver's server on the device stopped ({why}): is the device still there? Open the app anew"
        )
    return None


def _no_session_error(server: str, error: WebDriverException) -> AppUnreachable:
    if NO_SESSION in message_of(error):
        return no_appium_error(server)
    if versions := BROWSER_VERSIONS.search(message_of(error)):
        return AppUnreachable(
            f"Appium at {server} opened no session: its chromedriver is for Chrome {versions[1]} and the "
            f"browser is {versions[2]}; name the chromedriver of the browser's version"
        )
    gone = _lost_session(server, "", error)
    kind = NotSetUp if WRONG.search(message_of(error)) else AppUnreachable
    return gone or kind(f"Appium at {server} opened no session: {first_line(error)}")


def no_appium_error(server: str) -> AppUnreachable:
    """Return the error for an answer that no Appium gives to the question for a session."""
    return AppUnreachable(f"what answers at {server} is no Appium: is the address right, with its path?")


def _refusal(error: WebDriverException) -> CommandRefused:
    why = first_line(error)
    if isinstance(error, (NoSuchElementException, StaleElementReferenceException)):
        return ElementMissing(f"the driver found no element: {why}")
    if isinstance(error, UnknownMethodException):
        return CommandRefused(f"this driver doesn't know the command: {why}")
    return CommandRefused(f"the driver refused: {why}")
