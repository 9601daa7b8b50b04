"""`python -m fake_android` as a process, and how Appium finds the sample app on it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fake_android import token_file

PACKAGE, ACTIVITY = "org.example.sample", ".MainActivity"
LINKS = "sample-app://open"
CAPABILITIES: Mapping[str, object] = {
    "platformName": "Android",
    "appium:udid": "stand-in-1",
    "appium:appPackage": PACKAGE,
    "appium:appActivity": ACTIVITY,
    # A stand-in has none of Appium's own apps, and no lock.
    "appium:skipServerInstallation": True,
    "appium:skipDeviceInitialization": True,
    "appium:skipUnlock": True,
    "appium:ignoreHiddenApiPolicyError": True,
    "appium:suppressKillServer": True,
}


@dataclass(frozen=True)
class StandIns:
    """Phones in a process of their own."""

    url: str
    sdk_root: str
    process: asyncio.subprocess.Process

    @property
    def headers(self) -> dict[str, str]:
        """Return what the daemon is to be asked with."""
        file = token_file(Path(self.sdk_root), self.url.rpartition(":")[2])
        return {"Authorization": f"Bearer {file.read_text()}"}

    @property
    def environment(self) -> dict[str, str]:
        """Return what Appium and adb find the phones by."""
        return {
            "ANDROID_HOME": self.sdk_root,
            "ANDROID_SDK_ROOT": self.sdk_root,
            "FLUTTER_STANDIN_URL": self.url,
        }


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fake_android", "--until-stdin-closes", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def wait_until_up(process: asyncio.subprocess.Process) -> StandIns:
    """Wait until the phones are there."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line = (await process.stdout.readline()).decode()
    found = re.fullmatch(r"standin: \d+ on (\S+), ANDROID_HOME=(\S+)\n", line)
    assert found, (line, await process.communicate())
    return StandIns(found[1], found[2], process)


async def end(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Close its standard input, and return its exit code and what it complained of."""
    assert process.stdin is not None
    process.stdin.close()
    _, complaints = await process.communicate()
    return process.returncode or 0, complaints.decode()


@asynccontextmanager
async def running_stand_ins(*arguments: str) -> AsyncIterator[StandIns]:
    process = await start(*arguments)
    try:
        yield await wait_until_up(process)
    finally:
        await end(process)


def running_sample_phone(url: str) -> AbstractAsyncContextManager[StandIns]:
    """Switch one phone on with the web build at an address."""
    return running_stand_ins("--app", f"{PACKAGE}/{ACTIVITY}={url}")
