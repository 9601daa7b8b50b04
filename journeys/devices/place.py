"""Where a target is played: on devices found or on stand-ins, and which servers have to run for that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from flutter_bridge import BridgeError, DeviceMissing
from journeys.configuration import Server
from journeys.errors import SetupError, UsageError
from journeys.targets import Target

if TYPE_CHECKING:
    from flutter_bridge.appium import AndroidPackage

APPIUM = "appium"
"""The name of the Appium server that is started here."""

STAND_IN = "stand-in"
"""What a stand-in is called in every report, and the server that is its daemon."""

STAND_IN_APP, STAND_IN_ACTIVITY = "app.journeys.reference", ".MainActivity"
"""What the web build that a stand-in shows is called on it."""

MAX_STAND_INS = 16
"""How many stand-ins there may be at most."""

_DRIVERS = {"android": "uiautomator2", "ios": "xcuitest", "chromium": "chromium"}

_NO_RESET = {"noReset", "appium:noReset"}

_WAKE_UP_S = 0.5
"""After which a wait looks whether Ctrl-C has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A target with the devices it is played on; without any, Appium finds one for each actor."""

    target: Target
    devices: tuple[str, ...] = ()
    stand_in: bool = False

    def share(self, number: int, count: int) -> Place:
        """Return the place with one of `count` shares of its devices; raises `SetupError` without any."""
        if not self.devices:
            return self
        devices = self.devices[number::count]
        if not devices:
            there = f"{len(self.devices)} device{'s' if len(self.devices) > 1 else ''}"
            raise SetupError(f"{self.target.name}: {there} for {count} workers: run fewer side by side")
        return replace(self, devices=devices)

    @property
    def display_name(self) -> str:
        """What reports call it."""
        return f"{self.target.name}-{STAND_IN}" if self.stand_in else self.target.name

    def describe_app(self) -> str:
        """Return which build of the app is installed, in words for people; "" where that isn't read here."""
        package = _read_package(self.target)
        return str(package or "")


def find_place(target: Target, *, stand_ins: int = 1) -> Place:
    """Find where a target is played; raises `SetupError` where there is no device, or no app, for it.

    Where stand-ins take the place of devices there are as many as the target says, or `stand_ins` if more.
    """
    if target.app is not None and _NO_RESET & {name for name, value in target.capabilities.items() if value}:
        raise UsageError(
            f"{target.name}: with the capability noReset the driver leaves the app alone that is installed "
            f"already, instead of installing {target.app}: leave it out"
        )
    if target.uses_appium and target.appium_url is None:
        _check_app(target)
    if target.platform != "android" or target.appium_url is not None:
        return Place(target=target, devices=target.devices)
    native = target.app is not None or target.app_id is not None
    try:
        devices = _find_connected(target.devices)
    except BridgeError as problem:
        # One that is there and won't do is to be mended, and not to be replaced behind anybody's back.
        replaced = target.stand_in and isinstance(problem, DeviceMissing) and problem.none_there
        if replaced and not native and not target.devices:
            return stand_in_place(target, stand_ins)
        hint = " (a stand-in takes its place where neither an app nor a device is named)" if replaced else ""
        raise SetupError(f"{target.name}: {problem}{hint}") from problem
    if not native and target.browser is None:
        raise UsageError(
            f"{target.name}: {', '.join(devices)} is connected, but which app is to run on it? "
            "--app app.apk, or app_id in targets.toml"
        )
    return Place(target=target, devices=devices)


def stand_in_place(target: Target, number: int) -> Place:
    """Return the place of a target that so many stand-ins play, or as many as the target says if more."""
    count = min(MAX_STAND_INS, max(number, target.stand_ins))
    devices = tuple(f"{STAND_IN}-{each}" for each in range(1, count + 1))
    return Place(target=target, devices=devices, stand_in=True)


def servers_for(places: Iterable[Place], *, app: str, root: Path) -> tuple[Server, ...]:
    """Return what has to be started besides the app and the backend; `app` is the name of the app's server.

    Raises `SetupError` where Appium isn't set up.
    """
    appiums = [place for place in places if place.target.uses_appium and place.target.appium_url is None]
    if not appiums:
        return ()
    from flutter_bridge.appium import android_home, find_adb, find_appium  # noqa: PLC0415 - not for the web

    try:
        installed = find_appium(root)
        on_devices = any(place.target.platform == "android" and not place.stand_in for place in appiums)
        environment = installed.environment(android_home=android_home(find_adb()) if on_devices else None)
    except BridgeError as problem:
        raise SetupError(str(problem)) from problem
    stand_ins = [place for place in appiums if place.stand_in]
    servers: list[Server] = []
    if stand_ins:
        sdk = str(root / ".journeys" / "stand-in-sdk")
        servers.append(_stand_in_server(stand_ins[0], app=app, sdk=sdk))
        environment = installed.environment(android_home=Path(sdk))
        environment["FLUTTER_STANDIN_URL"] = f"{{{STAND_IN}.url}}"
    command = installed.command(drivers=sorted({_DRIVERS[place.target.platform] for place in appiums}))
    servers.append(
        Server(name=APPIUM, command=tuple(command), env=environment, ready="/status", timeout=60.0)
    )
    return tuple(servers)


def _check_app(target: Target) -> None:
    """Raise `SetupError` where a target's app isn't there, or is no package of its platform.

    An address is Appium's to fetch, and what is for an iPhone is Xcode's to judge.
    """
    if target.app is None or "://" in target.app:
        return
    file = Path(target.app)
    if not file.exists():
        raise SetupError(f"{target.name}: there is no app {file}: build it, or name another by --app")
    if target.platform != "android":
        return
    if file.suffix.lower() == ".apks":
        missing = [tool for tool in ("bundletool.jar", "java", "aapt2") if which(tool) is None]
        if missing:
            raise SetupError(
                f"{target.name}: to install {file.name} the driver needs {' and '.join(missing)}: give it an "
                ".apk, as `flutter build apk` makes it, which needs adb alone"
            )
        return
    try:
        package = _read_package(target)
    except BridgeError as problem:
        raise SetupError(f"{target.name}: {problem}: `flutter build apk` makes one") from problem
    if package is None:
        raise SetupError(
            f"{target.name}: {file} is no package that Android installs: `flutter build apk` makes one"
        )
    if target.app_id not in {None, package.name}:
        raise UsageError(
            f"{target.name}: {file.name} is {package.name}, and app_id says {target.app_id}: leave that out"
        )


def _read_package(target: Target) -> AndroidPackage | None:
    if target.app is None or target.platform != "android":
        return None
    from flutter_bridge.appium import is_package, read_android_package  # noqa: PLC0415 - not for the web

    return read_android_package(Path(target.app)) if is_package(target.app) else None


def _find_connected(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the serials of the devices named, or of the only one there is, once adb says they are ready."""
    from flutter_bridge.appium import find_device  # noqa: PLC0415 - web targets need none of it

    asked: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[list[str]]]] = []

    async def find() -> list[str]:
        finding = asyncio.create_task(find_each())
        asked.append((asyncio.get_running_loop(), finding))
        return await finding

    async def find_each() -> list[str]:
        return [(await find_device(serial)).serial for serial in named or (None,)]

    # In a thread, as the one that asks may be running a loop already.
    with ThreadPoolExecutor(max_workers=1) as thread:
        answer = thread.submit(asyncio.run, find())
        try:
            # A signal may be taken by another thread, which wakes nobody.
            while not wait([answer], timeout=_WAKE_UP_S).done:
                pass
            return tuple(answer.result())
        except KeyboardInterrupt:
            # An adb that hangs is not waited for.
            for loop, finding in asked:
                with suppress(RuntimeError):  # it has just ended by itself
                    loop.call_soon_threadsafe(finding.cancel)
            raise


def _stand_in_server(place: Place, *, app: str, sdk: str) -> Server:
    ratio = place.target.pixel_ratio
    return Server(
        name=STAND_IN,
        command=(
            *("{python}", "-m", "fake_android", "--port", "{port}", "--devices", str(len(place.devices))),
            *("--app", f"{STAND_IN_APP}/{STAND_IN_ACTIVITY}={{{app}.url}}", "--sdk-root", sdk),
            *(() if ratio is None else ("--pixel-ratio", f"{ratio:g}")),
            *(() if place.target.strict else ("--no-strict",)),
            "--until-stdin-closes",
        ),
        ready="/healthz",
        timeout=60.0,
    )
