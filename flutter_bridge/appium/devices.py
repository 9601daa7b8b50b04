"""Finds Android devices and running emulators, through adb."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flutter_bridge.commands import run_command_async
from flutter_bridge.errors import DeviceMissing

SDK_VARIABLES = ("ANDROID_HOME", "ANDROID_SDK_ROOT")
"""The environment variables that name the folder of an Android SDK; the first that is set counts."""

ADB_TIMEOUT_S = 30.0
"""Seconds that adb is given to answer; it may have to start its server first."""

USUAL_SDKS = ("Android/Sdk", "Library/Android/sdk")
"""Where Android Studio puts the SDK in a person's home, on Linux and on macOS."""

ADVICE = {
    "unauthorized": "doesn't trust this computer: unlock it and allow USB debugging",
    "authorizing": "is being asked to trust this computer: unlock it and allow USB debugging",
    "offline": "is offline: unlock it, reconnect it, or restart the emulator",
    "no permissions": "may not be opened by this user: add a udev rule for it, see `adb devices`",
    "recovery": "is in recovery mode: start it",
    "bootloader": "is in its bootloader: start it",
    "sideload": "is waiting for a sideload: start it",
}
"""What is wrong with a device in each state that adb may report, and what to do."""


@dataclass(frozen=True, slots=True)
class AdbDevice:
    """An Android device or emulator that adb sees.

    `state` is adb's own word, `device` for one that can be used. `model` and `sdk` (the API level) are known
    of those only.
    """

    serial: str
    state: str
    model: str | None = None
    sdk: int | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it can be used."""
        return self.state == "device"

    def __str__(self) -> str:
        """Return its serial, and what else helps to tell it from others."""
        known = [self.model or "", f"API {self.sdk}" if self.sdk else "", "" if self.is_ready else self.state]
        more = ", ".join(each for each in known if each)
        return f"{self.serial} ({more})" if more else self.serial


def find_adb() -> Path:
    """Return the adb of the SDK that the environment names, else that on the path, else Android Studio's.

    Raises `DeviceMissing` where there is none.
    """
    sdk = next((os.environ[name] for name in SDK_VARIABLES if os.environ.get(name)), None)
    if sdk is not None:
        named = Path(sdk) / "platform-tools" / "adb"
        if not _is_executable(named):
            raise DeviceMissing(
                f"no adb at {named}: install the SDK's platform-tools, or correct ANDROID_HOME"
            )
        return named
    found = shutil.which("adb") or next((str(adb) for adb in _usual_adbs() if _is_executable(adb)), None)
    if found is None:
        raise DeviceMissing(
            "no adb to find an Android device with: install Android's platform-tools, and name the SDK's"
            " folder in ANDROID_HOME",
            none_there=True,
        )
    return Path(found).absolute()


def android_home(adb: Path) -> Path | None:
    """Return the folder of the SDK that an adb belongs to, if it lies in one; Appium asks for it by name."""
    folder = adb.resolve().parent
    return folder.parent if folder.name == "platform-tools" else None


async def list_devices(adb: Path | None = None) -> list[AdbDevice]:
    """Return the devices and emulators that adb sees, whatever their state, in adb's order.

    Raises `DeviceMissing` where there is no adb, or it doesn't answer.
    """
    adb = adb or find_adb()
    seen = [_parse(line) for line in (await _ask(adb, "devices", "-l")).splitlines()]
    devices = [device for device in seen if device is not None]
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_with_api_level(adb, device)) for device in devices]
    return [task.result() for task in asked]


async def find_device(serial: str | None = None, *, adb: Path | None = None) -> AdbDevice:
    """Return the device that is named, else the only one that can be used.

    Raises `DeviceMissing` where that is none, where the named one can't be used, and where there are several
    and none is named.
    """
    devices = await list_devices(adb)
    if serial is not None:
        return _find_named(serial, devices)
    ready = [device for device in devices if device.is_ready]
    if len(ready) > 1:
        raise DeviceMissing(f"there are {len(ready)} devices, {_list(ready)}: name one by its serial")
    if ready:
        return ready[0]
    if devices:
        raise DeviceMissing("; ".join(_problem(device) for device in devices))
    raise DeviceMissing(
        "adb sees no device: start an emulator, or connect a phone with USB debugging allowed",
        none_there=True,
    )


def _find_named(serial: str, devices: list[AdbDevice]) -> AdbDevice:
    for device in devices:
        if device.serial == serial:
            if device.is_ready:
                return device
            raise DeviceMissing(_problem(device))
    there = f"there is {_list(devices)}" if devices else "it sees none"
    raise DeviceMissing(f"adb sees no device {serial}: {there}", none_there=not devices)


def _problem(device: AdbDevice) -> str:
    return (
        f"{device.serial} {ADVICE.get(device.state, f'is in state {device.state!r}: start or reconnect it')}"
    )


def _list(devices: list[AdbDevice]) -> str:
    return ", ".join(map(str, devices))


def _parse(line: str) -> AdbDevice | None:
    """Read a line of `adb devices -l`: a serial, a state (of one word or more), and words with a colon."""
    found = re.match(r"(\S+)\s+(no permissions|\w+)(?:\s|$)(.*)", line)
    if found is None or line.startswith(("List of devices", "*", "adb ")):
        return None
    model = re.search(r"\bmodel:(\S+)", found[3])
    return AdbDevice(found[1], found[2], model[1].replace("_", " ") if model else None)


async def _with_api_level(adb: Path, device: AdbDevice) -> AdbDevice:
    """Add the API level to a device that can be asked."""
    if not device.is_ready:
        return device
    try:
        printed = await _ask(adb, "-s", device.serial, "shell", "getprop", "ro.build.version.sdk")
    except DeviceMissing:
        # It went away since it was listed.
        return AdbDevice(device.serial, "offline", device.model)
    level = printed.strip()
    known = int(level) if re.fullmatch("[0-9]{1,4}", level) else None
    return AdbDevice(device.serial, device.state, device.model, known)


async def _ask(adb: Path, *words: str) -> str:
    """Return what adb answers."""
    try:
        answer = await run_command_async((adb, *words), timeout=ADB_TIMEOUT_S)
    except TimeoutError as error:
        raise DeviceMissing(
            f"`adb {' '.join(words)}` did not answer within {ADB_TIMEOUT_S:g} s: `adb kill-server` may help"
        ) from error
    except OSError as error:
        raise DeviceMissing(f"{adb} does not start: {error.strerror or error}") from error
    if answer.code:
        last = (answer.complaint or answer.printed).strip().splitlines()
        reason = last[-1] if last else f"exit code {answer.code}"
        raise DeviceMissing(f"`adb {' '.join(words)}` failed: {reason}")
    return answer.printed


def _usual_adbs() -> Iterator[Path]:
    return (Path.home() / folder / "platform-tools" / "adb" for folder in USUAL_SDKS)


def _is_executable(file: Path) -> bool:
    return file.is_file() and os.access(file, os.X_OK)
