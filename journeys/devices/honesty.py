"""Looks at a device before anything is measured on it: its screen has to be what it says, and its clock."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from weakref import WeakSet

from selenium.webdriver.remote.command import Command

from flutter_bridge import AppUnreachable, BridgeError
from flutter_bridge.appium import AppiumSession
from journeys.errors import SetupError

SKEW = 300.0
"""Seconds a device's clock may be off: beyond that certificates and sign-ins fail, and its logs mislead."""

BARS = 0.15
"""Which part of the screen may lie outside the window: some devices don't count the system's bars."""

SLACK = 2
"""Physical pixels that rounding to logical ones may cost."""

_HEAD = struct.Struct(">8s4x4sII")
_PNG = b"\x89PNG\r\n\x1a\n"
_checked: WeakSet[AppiumSession] = WeakSet()


async def check_device(session: AppiumSession, target: str) -> None:
    """Raise `SetupError` for a device whose screenshots aren't of the size it says, or whose clock is off.

    A picture is looked for where the semantics say it is: where the two don't share a scale, every verdict
    would be wrong. A session is looked at once.
    """
    if session in _checked:
        return
    try:
        window = await session.command(Command.GET_WINDOW_RECT)
        claimed = float(window["width"]), float(window["height"])
        shown = png_size(await session.screenshot())
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise SetupError(f"{target}: {session.device.name} doesn't say how large its screen is") from error
    # iOS has points, of which the session knows how many pixels they are; Android has pixels.
    ratio = session.device.pixel_ratio if session.platform.name == "iOS" else 1.0
    problem = size_problem(claimed, shown, ratio)
    if problem is not None:
        raise SetupError(f"{target}: {session.device.name} {problem}")
    problem = clock_problem(await _device_time(session), datetime.now(UTC))
    if problem is not None:
        raise SetupError(f"{target}: {session.device.name}{problem}")
    _checked.add(session)


def size_problem(claimed: tuple[float, float], shown: tuple[int, int], ratio: float) -> str | None:
    """Say what is wrong with a screen of a claimed size, in units of `ratio` pixels, and its screenshot."""
    expected = claimed[0] * ratio, claimed[1] * ratio
    if all(
        (1 - BARS) * real - SLACK <= said <= real + SLACK for said, real in zip(expected, shown, strict=True)
    ):
        return None
    return (
        f"says that its screen has {expected[0]:.0f} × {expected[1]:.0f} pixels, and its screenshots have "
        f"{shown[0]} × {shown[1]}: nothing can be found on them. Correct its resolution, or pixel_ratio"
    )


def clock_problem(said: str, now: datetime) -> str | None:
    """Say what is wrong with a device's clock, by what it says (ISO 8601); None if it says nothing."""
    try:
        there = datetime.fromisoformat(said)
        behind = (now - there).total_seconds() if there.tzinfo is not None else 0.0
    except (ValueError, OverflowError):
        return None
    if abs(behind) <= SKEW:
        return None
    way = "behind" if behind > 0 else "ahead"
    return f"'s clock is {_duration(abs(behind))} {way}: let the device take its time from the network"


def png_size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG; raises `ValueError` where it is none."""
    if len(picture) < _HEAD.size or not picture.startswith(_PNG):
        raise ValueError("no PNG")
    _, kind, width, height = _HEAD.unpack_from(picture)
    if kind != b"IHDR":
        raise ValueError("no PNG")
    return width, height


async def _device_time(session: AppiumSession) -> str:
    try:
        return str(await session.script("mobile: getDeviceTime"))
    except AppUnreachable:
        raise
    except BridgeError:
        # A provider may not allow the command: then nothing is known.
        return ""


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86_400.0), ("h", 3_600.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 60:.0f} min"
