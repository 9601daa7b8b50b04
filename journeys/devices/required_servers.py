"""Says which servers have to run for the places that journeys are played on: Appium, and the stand-ins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flutter_bridge import BridgeError
from journeys.configuration import Server
from journeys.devices.place import STAND_IN, STAND_IN_ACTIVITY, STAND_IN_APP, Place
from journeys.errors import SetupError

APPIUM = "appium"
"""The name of the Appium server that is started here."""

_SDK = "stand-in-sdk"


def servers_for(places: Iterable[Place], *, app: str, root: Path) -> tuple[Server, ...]:
    """Return what has to be started besides the app and the backend; `app` is the name of the app's server.

    Raises `SetupError` where Appium isn't set up.
    """
    appiums = [place for place in places if place.target.through_appium and place.target.appium_url is None]
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
        sdk = str(root / ".journeys" / _SDK)
        servers.append(_stand_in(stand_ins[0], app=app, sdk=sdk))
        environment = installed.environment(android_home=Path(sdk))
        environment["FLUTTER_STANDIN_URL"] = f"{{{STAND_IN}.url}}"
    drivers = {"android": "uiautomator2", "ios": "xcuitest", "chromium": "chromium"}
    used = sorted({drivers[place.target.platform] for place in appiums})
    servers.append(
        Server(
            name=APPIUM,
            command=tuple(installed.command(drivers=used)),
            env=environment,
            ready="/status",
            timeout=60.0,
        )
    )
    return tuple(servers)


def _stand_in(place: Place, *, app: str, sdk: str) -> Server:
    ratio = place.target.pixel_ratio
    return Server(
        name=STAND_IN,
        command=(
            "{python}",
            "-m",
            "fake_android",
            "--port",
            "{port}",
            "--devices",
            str(len(place.devices)),
            "--app",
            f"{STAND_IN_APP}/{STAND_IN_ACTIVITY}={{{app}.url}}",
            "--sdk-root",
            sdk,
            *(() if ratio is None else ("--pixel-ratio", f"{ratio:g}")),
            "--until-stdin-closes",
        ),
        ready="/healthz",
        timeout=60.0,
    )
