"""Switch stand-in phones on: `python -m fake_android`."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from fake_android.daemon import open_daemon
from fake_android.device import InstalledApp, PhoneSetup
from fake_android.phone import open_phone
from fake_android.window import open_browser
from flutter_bridge import BridgeError, temporary_folder
from local_server import stop_event

USAGE_ERROR = 2
MAX_DEVICES = 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Run phones until told to stop; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(options))
    except (BridgeError, OSError, ExceptionGroup) as error:
        reason = _first_error(error)
        if isinstance(reason, BridgeError):
            sys.stderr.write(f"standin: {reason}\n")
        elif isinstance(reason, OSError):
            sys.stderr.write(
                f"standin: can't listen on 127.0.0.1:{options.port} ({reason.strerror or reason}): "
                "choose another --port\n"
            )
        else:
            raise
        return USAGE_ERROR
    return 0


def _first_error(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _run(options: argparse.Namespace) -> None:
    stop = stop_event(at_end_of_stdin=options.until_stdin_closes)
    setups = [
        PhoneSetup(
            serial=f"stand-in-{number}",
            size=options.size,
            pixel_ratio=options.pixel_ratio,
            strict=options.strict,
            apps=tuple(options.app),
        )
        for number in range(1, options.devices + 1)
    ]
    async with AsyncExitStack() as opened:
        sdk_root = options.sdk_root or opened.enter_context(temporary_folder("standin-sdk"))
        browser = await opened.enter_async_context(open_browser(options.browser_argument))
        daemon = await opened.enter_async_context(
            open_daemon(
                setups,
                open_device=lambda setup: open_phone(setup, browser=browser),
                port=options.port,
                sdk_root=sdk_root,
            )
        )
        sys.stdout.write(f"standin: {len(setups)} on {daemon.url}, ANDROID_HOME={daemon.sdk_root}\n")
        sys.stdout.flush()
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fake_android", description="Phones for Appium where there are none."
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--devices", type=_count, default=1, metavar="N", help="how many phones (default: %(default)s)"
    )
    parser.add_argument(
        "--app",
        type=_app,
        action="append",
        default=[],
        metavar="PACKAGE/ACTIVITY=URL",
        help="an app that is installed, and where its web build is served",
    )
    parser.add_argument("--pixel-ratio", type=_ratio, default=1.0, help="physical pixels to a logical one")
    parser.add_argument("--size", type=_size, default=(412, 915), help="logical pixels (default: 412x915)")
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take what the web's semantics leave open as the less likely to pass a test",
    )
    parser.add_argument(
        "--sdk-root", type=Path, metavar="DIR", help="where to write adb (default: a new folder)"
    )
    parser.add_argument(
        "--browser-argument",
        action="append",
        default=[],
        metavar="ARGUMENT",
        help="one more argument for the Chromium behind the screens",
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when standard input reaches its end, too"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_DEVICES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_DEVICES}")
    return int(text)


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = 0.0
    if not 0.5 <= ratio <= 5:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0.5 to 5")
    return ratio


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{2,4})x([0-9]{2,4})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 412x915")
    return int(found[1]), int(found[2])


def _app(text: str) -> InstalledApp:
    found = re.fullmatch(r"([\w.]+)/([\w.]+)=(https?://\S+)", text, re.ASCII)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no app such as org.example.app/.MainActivity=http://..."
        )
    return InstalledApp(package=found[1], activity=found[2], url=found[3])


if __name__ == "__main__":
    sys.exit(main())
