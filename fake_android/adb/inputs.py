"""`input`: keys and fingers from the command line."""

from __future__ import annotations

from fake_android.adb.streams import Streams
from fake_android.attached import Attached
from fake_android.device import TouchStep
from fake_android.gestures import stroke

KEYS = {"KEYCODE_HOME": 3, "KEYCODE_BACK": 4, "KEYCODE_ENTER": 66, "KEYCODE_DEL": 67, "KEYCODE_TAB": 61}
SWIPE = 0.3


async def enter(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`input [touchscreen|keyboard] keyevent|text|tap|swipe ...`."""
    if arguments[:1] in (["touchscreen"], ["keyboard"]):
        arguments = arguments[1:]
    try:
        await _enter(phone, arguments)
    except ValueError as error:
        streams.err(f"Error: {error}")
        return 255
    return 0


async def _enter(phone: Attached, arguments: list[str]) -> None:
    device = phone.device
    match arguments:
        case ["keyevent", *codes] if codes:
            long = "--longpress" in codes
            for code in codes:
                if not code.startswith("--"):
                    await device.press_key(KEYS[code] if code in KEYS else int(code), long=long)
        case ["text", text]:
            await device.type_text(text.replace("%s", " "))
        case ["tap", x, y]:
            at = float(x), float(y)
            await device.touch([[TouchStep(0, *at), TouchStep(0.01, *at, down=False)]])
        case ["swipe", x0, y0, x1, y1, *rest] if len(rest) <= 1:
            seconds = int(rest[0]) / 1000 if rest else SWIPE
            await device.touch([stroke((float(x0), float(y0)), (float(x1), float(y1)), seconds=seconds)])
        case _:
            raise ValueError(f"Unknown command: {' '.join(arguments)}")
