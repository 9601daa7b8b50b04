"""Commands about the phone: its screen, its keys, its clipboard."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from fake_android.device import MODEL, Rotation
from fake_android.errors import InvalidArgument, NotSupported
from fake_android.input import BACK
from fake_android.uiautomator2.session import (
    CommandCall,
    change_settings,
    read_number,
    read_object,
    read_optional_number,
    read_text,
)

ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)


async def screenshot(call: CommandCall) -> Any:
    """Return a picture of the screen: PNG in Base64."""
    return base64.b64encode(await call.session.device.screenshot()).decode()


async def back(call: CommandCall) -> Any:
    """Press back."""
    await call.session.device.press_key(BACK)


async def orientation(call: CommandCall) -> Any:
    """Say whether the screen is upright."""
    return "PORTRAIT" if call.session.device.rotation in {0, 180} else "LANDSCAPE"


async def set_orientation(call: CommandCall) -> Any:
    """Turn the phone upright or on its side."""
    match read_text(call.body, "orientation"):
        case "PORTRAIT":
            await call.session.device.rotate(0)
        case "LANDSCAPE":
            await call.session.device.rotate(90)
        case other:
            raise InvalidArgument(f"Orientation has to be PORTRAIT or LANDSCAPE, not '{other}'")
    return await orientation(call)


async def rotation(call: CommandCall) -> Any:
    """Say how the phone is turned."""
    return {"x": 0, "y": 0, "z": call.session.device.rotation}


async def set_rotation(call: CommandCall) -> Any:
    """Turn the phone."""
    x, y, z = (read_number(call.body, name) for name in "xyz")
    if x or y or z not in ROTATIONS:
        raise InvalidArgument(f"Rotation has to be x=0, y=0, z one of {ROTATIONS}, not {x:g}, {y:g}, {z:g}")
    await call.session.device.rotate(next(each for each in ROTATIONS if each == z))
    return await rotation(call)


async def window_size(call: CommandCall) -> Any:
    """Return the screen's size in physical pixels."""
    width, height = call.session.device.size
    return {"width": width, "height": height}


async def window_rect(call: CommandCall) -> Any:
    """Return where the window is: everywhere."""
    return {"x": 0, "y": 0} | await window_size(call)


async def pixel_ratio(call: CommandCall) -> Any:
    """Return how many physical pixels a logical one has."""
    return call.session.device.setup.pixel_ratio


async def display_density(call: CommandCall) -> Any:
    """Return the screen's dots per inch."""
    return call.session.device.setup.density_dpi


async def system_bars(_: CommandCall) -> Any:
    """Return how high the bars are: a stand-in has none."""
    return {"statusBar": 0}


async def battery(_: CommandCall) -> Any:
    """Return how full the battery is: it hangs on the cable."""
    return {"level": 1.0, "status": 5}


async def device_info(call: CommandCall) -> Any:
    """Return what the phone is."""
    phone = call.session.phone
    width, height = phone.device.size
    return {
        "androidId": format(sum(map(ord, phone.serial)), "016x"),
        "manufacturer": "journeys",
        "model": MODEL,
        "brand": "journeys",
        "apiVersion": str(phone.device.setup.sdk),
        "platformVersion": phone.device.setup.release,
        "carrierName": "",
        "realDisplaySize": f"{width}x{height}",
        "displayDensity": phone.device.setup.density_dpi,
        "networks": [],
        "locale": "en_US",
        "timeZone": "UTC",
        "bluetooth": {"state": None},
    }


async def press_key(call: CommandCall, *, long: bool = False) -> Any:
    """Press a key by its code, or hold it."""
    code = call.body.get("keycode")
    code = int(code) if isinstance(code, str) and code.isdecimal() else read_number(call.body, "keycode")
    meta = read_optional_number(call.body, "metastate")
    await call.session.device.press_key(int(code), meta=int(meta or 0), long=long)


async def settings(call: CommandCall) -> Any:
    """Return the session's settings."""
    return call.session.settings


async def set_settings(call: CommandCall) -> Any:
    """Change settings."""
    call.session.settings.update(change_settings(call.session.settings, read_object(call.body, "settings")))


async def clipboard(call: CommandCall) -> Any:
    """Return the clipboard: text in Base64."""
    _check_plain_text(call)
    return base64.b64encode(call.session.phone.clipboard.encode()).decode()


async def set_clipboard(call: CommandCall) -> Any:
    """Put a text, given in Base64, on the clipboard: for whoever asks for it; an app's paste has another."""
    _check_plain_text(call)
    try:
        content = base64.b64decode(read_text(call.body, "content"), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidArgument(f"The clipboard's content is no Base64 of a text: {error}") from error
    call.session.phone.clipboard = content


def _check_plain_text(call: CommandCall) -> None:
    kind = str(call.body.get("contentType") or "plaintext").lower()
    if kind != "plaintext":
        raise InvalidArgument(f"Only plaintext content type is supported. '{kind}' is given instead")


async def notifications(_: CommandCall) -> Any:
    """Refuse: a stand-in has no notifications."""
    raise NotSupported("Notifications can't be opened: a stand-in has none")


async def reset_cache(_: CommandCall) -> Any:
    """Forget what was read of the screen: nothing is kept anyway."""
