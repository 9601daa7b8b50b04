"""Checks before anything is measured: a remote Appium answers, a device is what it says it is."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from weakref import WeakSet

import httpx

from flutter_bridge import AppUnreachable, BridgeError
from journeys.devices.place import Place
from journeys.devices.providers import check_provider, clock_skew, hide_secrets
from journeys.documents import UnreadableDocument, decode_any_json
from journeys.errors import InfrastructureError, SetupError
from journeys.http_answers import get

if TYPE_CHECKING:
    from flutter_bridge.appium import AppiumSession

STATUS_TIMEOUT_S = 10.0
"""How long a server may take to answer."""

SYSTEM_BARS_SHARE = 0.15
"""Which part of the screen may lie outside the window: some devices don't count the system's bars."""

ROUNDING_PIXELS = 2
"""Physical pixels that rounding to logical ones may cost."""

_MAX_STATUS_BYTES = 64 * 2**10
_STATUS_FOR_SESSIONS = {401, 403}
"""How a farm refuses to tell those who haven't said who they are."""

_PNG_HEAD = struct.Struct(">8s4x4sII")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_checked: WeakSet[AppiumSession] = WeakSet()


def check_appiums(places: Iterable[Place]) -> None:
    """Raise where no Appium answers at an address that one of the places names.

    A provider is asked in its own way. Raises `InfrastructureError` where nothing answers, and `SetupError`
    where something else does, or a provider won't have us.
    """
    targets = {place.target.name: place.target for place in places}.values()
    for target in targets:
        if target.provider is not None:
            check_provider(target)
    for url in dict.fromkeys(target.appium_url for target in targets if target.provider is None):
        if url is not None:
            _check_appium(url)


async def check_device(session: AppiumSession, target: str) -> None:
    """Raise `SetupError` for a device whose screenshots aren't of the size it says, or whose clock is off.

    A picture is looked for where the semantics say it is: where the two don't share a scale, every verdict
    would be wrong. A session is looked at once.
    """
    if session in _checked:
        return
    device = f"{target}: {session.device.name}"
    try:
        window = await session.command("getWindowRect")
        reported = float(window["width"]), float(window["height"])
        actual = _png_size(await session.screenshot())
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise SetupError(f"{device} doesn't say how large its screen is") from error
    # iOS has points, of which the session knows how many pixels they are; Android has pixels.
    ratio = session.device.pixel_ratio if session.platform.name == "iOS" else 1.0
    expected = reported[0] * ratio, reported[1] * ratio
    if not all(
        (1 - SYSTEM_BARS_SHARE) * real - ROUNDING_PIXELS <= size <= real + ROUNDING_PIXELS
        for size, real in zip(expected, actual, strict=True)
    ):
        raise SetupError(
            f"{device} says that its screen has {expected[0]:.0f} × {expected[1]:.0f} pixels, and its "
            f"screenshots have {actual[0]} × {actual[1]}: nothing can be found on them. "
            "Correct its resolution, or pixel_ratio"
        )
    skew = _device_skew(await _device_time(session))
    if skew is not None:
        raise SetupError(f"{device}'s clock is {skew}: let the device take its time from the network")
    _checked.add(session)


def _check_appium(url: str) -> None:
    shown = hide_secrets(url)
    try:
        status = f"{url.rstrip('/')}/status"
        answer = get(status, seconds=STATUS_TIMEOUT_S, most=_MAX_STATUS_BYTES, follow_redirects=True)
    except httpx.TimeoutException as error:
        raise InfrastructureError(
            f"Appium at {shown} did not answer within {STATUS_TIMEOUT_S:g} s: does it run there?"
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InfrastructureError(f"Appium at {shown} can't be reached: is it running there?") from error
    code = answer.response.status_code
    if code not in _STATUS_FOR_SESSIONS and not (code == httpx.codes.OK and _is_webdriver(answer.body)):
        raise SetupError(
            f"what answers at {shown} is no Appium (GET /status: HTTP {code}): "
            "is the address right, with its path?"
        )


def _is_webdriver(body: bytes) -> bool:
    try:
        answer = decode_any_json(body)
    except UnreadableDocument:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("value"), dict)


def _png_size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG; raises `ValueError` where it is none."""
    if len(picture) < _PNG_HEAD.size:
        raise ValueError("no PNG")
    signature, kind, width, height = _PNG_HEAD.unpack_from(picture)
    if (signature, kind) != (_PNG_SIGNATURE, b"IHDR"):
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


def _device_skew(time: str) -> str | None:
    """Return how far a device's clock is off, by what it says (ISO 8601); None if it says nothing."""
    try:
        there = datetime.fromisoformat(time)
        return None if there.tzinfo is None else clock_skew(there, datetime.now(UTC))
    except (ValueError, OverflowError):
        return None
