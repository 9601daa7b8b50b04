"""A stand-in phone in a process of its own, with one app on it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fake_android.adb.client import URL

PACKAGE, ACTIVITY, SERIAL = "org.example.sample", ".MainActivity", "stand-in-1"
LINKS = "sample-app://open"

CAPABILITIES: Mapping[str, object] = {
    "platformName": "Android",
    "appium:udid": SERIAL,
    "appium:appPackage": PACKAGE,
    "appium:appActivity": ACTIVITY,
    # A stand-in has none of Appium's own apps, and no lock.
    "appium:skipServerInstallation": True,
    "appium:skipDeviceInitialization": True,
    "appium:skipUnlock": True,
    "appium:ignoreHiddenApiPolicyError": True,
    "appium:suppressKillServer": True,
}


@asynccontextmanager
async def running_phone(app: str) -> AsyncIterator[dict[str, str]]:
    """Switch a phone on with the web build at an address; the environment Appium finds it in."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "fake_android", "--until-stdin-closes"),
        *("--app", f"{PACKAGE}/{ACTIVITY}={app}"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        found = re.search(r" on (\S+), ANDROID_HOME=(\S+)", line)
        assert found, line
        yield {"ANDROID_HOME": found[2], "ANDROID_SDK_ROOT": found[2], URL: found[1]}
    finally:
        process.stdin.close()
        await process.wait()
