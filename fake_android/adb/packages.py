"""`pm` and `am`: what is installed on a phone; starts and stops it, and the UiAutomator2 server."""

from __future__ import annotations

import asyncio
import zipfile
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

import msgspec

from fake_android.adb.shell import CommandFailed, Program, Streams, split_flags
from fake_android.connected_phone import SERVER, SERVER_TEST, SETTINGS, ConnectedPhone
from fake_android.device import InstalledApp
from flutter_bridge import BridgeError
from flutter_bridge.appium import read_android_package

WEB_BUILD = "assets/stand-in.json"
MAX_WEB_BUILD_BYTES = 64 * 2**10
RUNNER = f"{SERVER_TEST}/androidx.test.runner.AndroidJUnitRunner"

# By any of these a zip file, or what is in it, tells of damage.
_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)

StartServer = Callable[[ConnectedPhone], Awaitable[None]]


class _WebBuild(TypedDict):
    """What a stand-in shows in the place of the package's Android code."""

    url: str
    label: NotRequired[str]


class NotAPackage(ValueError):
    """A file is no package a stand-in can install; the text says as a phone would why."""


def read_package(path: Path) -> InstalledApp:
    """Return the app of a package: an `.apk` with `assets/stand-in.json` in it; raises `NotAPackage`."""
    try:
        package = read_android_package(path)
        with zipfile.ZipFile(path) as opened, opened.open(WEB_BUILD) as file:
            shown = msgspec.json.decode(file.read(MAX_WEB_BUILD_BYTES), type=_WebBuild)
    except KeyError as error:
        raise NotAPackage(
            f"INSTALL_FAILED_NO_MATCHING_ABIS: {path.name} has no {WEB_BUILD}: a stand-in shows the web "
            "build that this names, and runs no Android code"
        ) from error
    except (BridgeError, *_DAMAGE) as error:
        reason = " ".join(str(error).split())[:200]
        raise NotAPackage(f"INSTALL_PARSE_FAILED_NOT_APK: Failed to parse {path}: {reason}") from error
    return InstalledApp(
        package.name,
        package.activity,
        shown["url"],
        version=package.version_code,
        label=shown.get("label", ""),
        version_name=package.version_name,
        sha256=package.sha256,
    )


async def install(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`adb install [-r] [-g] ... PATH`, with a path of this machine's."""
    flags, paths = split_flags(arguments)
    if len(paths) != 1:
        raise CommandFailed("adb: need exactly one package to install")
    path = paths[0]
    if not await asyncio.to_thread(Path(path).is_file):
        raise CommandFailed(f"adb: failed to stat {path}: No such file or directory")
    streams.out("Performing Streamed Install")
    try:
        app = read_package(Path(path))
    except NotAPackage as error:
        raise CommandFailed(f"adb: failed to install {path}: Failure [{error}]") from error
    old = phone.device.apps.get(app.package)
    if old is not None and "-r" not in flags:
        raise CommandFailed(
            f"adb: failed to install {path}: Failure [INSTALL_FAILED_ALREADY_EXISTS: Attempt to re-install "
            f"{app.package} without first uninstalling.]"
        )
    if old is not None and old.version > app.version and "-d" not in flags:
        raise CommandFailed(
            f"adb: failed to install {path}: Failure [INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: "
            f"Update version code {app.version} is older than current {old.version}]"
        )
    await phone.device.install(app)
    streams.out("Success")


async def uninstall(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`adb uninstall PACKAGE`."""
    for package in split_flags(arguments)[1]:
        if not await phone.device.uninstall(package):
            streams.out("Failure [DELETE_FAILED_INTERNAL_ERROR]")
            raise CommandFailed
    streams.out("Success")


async def print_checksums(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`sha256sum PATH ...` of packages, where `pm path` says they are."""
    for path in arguments:
        app = next((app for app in phone.device.apps.values() if path == _package_path(app.package)), None)
        if app is None or not app.sha256:
            raise CommandFailed(f"sha256sum: {path}: No such file or directory")
        streams.out(f"{app.sha256}  {path}")


def _package_path(package: str) -> str:
    return f"/data/app/{package}/base.apk"


async def package_manager(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`pm`, which is `cmd package` by another name."""
    words = [each for each in arguments if not each.startswith("--user") and each != "0"]
    match words:
        case ["list", "packages", *flags]:
            _list_packages(phone, flags, streams)
        case ["list", "instrumentation"]:
            streams.out(f"instrumentation:{RUNNER} (target={SERVER})")
        case ["path", package] if package in phone.installed_versions():
            streams.out(f"package:{_package_path(package)}")
        case ["path", _]:
            raise CommandFailed
        case ["clear", package]:
            await _clear(phone, package, streams)
        case ["uninstall", *rest]:
            await uninstall(phone, rest, streams)
        case ["grant" | "revoke", package, permission]:
            _refuse_permission(phone, package, permission)
        case ["resolve-activity", *flags, package] if all(flag.startswith("-") for flag in flags):
            _resolve_activity(phone, package, streams)
        case _:
            raise CommandFailed(f"Unknown command: {' '.join(arguments)}", code=255)


def _list_packages(phone: ConnectedPhone, flags: list[str], streams: Streams) -> None:
    for package, version in sorted(phone.installed_versions().items()):
        code = f" versionCode:{version}" if "--show-versioncode" in flags else ""
        streams.out(f"package:{package}{code}")


async def _clear(phone: ConnectedPhone, package: str, streams: Streams) -> None:
    if package not in phone.installed_versions():
        streams.out("Failed")
        raise CommandFailed
    if package in phone.device.apps:
        await phone.device.clear(package)
    streams.out("Success")


def _refuse_permission(phone: ConnectedPhone, package: str, permission: str) -> None:
    # A stand-in's apps declare no permissions, and only declared ones can be granted.
    known = package in phone.installed_versions()
    reason = f"Package {package} has not requested {permission}" if known else f"Unknown package: {package}"
    kind = "Security" if known else "IllegalArgument"
    raise CommandFailed(
        f"\nException occurred while executing:\njava.lang.{kind}Exception: {reason}", code=255
    )


def _resolve_activity(phone: ConnectedPhone, package: str, streams: Streams) -> None:
    app = phone.device.apps.get(package)
    if app is None:
        streams.out("No activity found")
        return
    streams.out("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false")
    streams.out(f"{app.package}/{app.activity}")


# -- am

_VALUES_OF_OPTION = {
    **dict.fromkeys(("-a", "-c", "-d", "-f", "-n", "-p", "-t", "--user"), 1),
    **dict.fromkeys(("--es", "--ez", "--ei", "--el", "--ef", "-e"), 2),
}


@dataclass(frozen=True, slots=True)
class Intent:
    """What `am start` and `am broadcast` are told."""

    action: str = ""
    component: str = ""
    data: str = ""
    package: str = ""
    wait: bool = False
    stop: bool = False

    @classmethod
    def read(cls, arguments: list[str]) -> Intent:
        """Return the intent of a command line; raises `ValueError` with the option that isn't known."""
        options: dict[str, str] = {}
        rest = list(arguments)
        package = ""
        flags = set()
        while rest:
            option = rest.pop(0)
            if option in _VALUES_OF_OPTION:
                count = _VALUES_OF_OPTION[option]
                if len(rest) < count:
                    raise ValueError(f'Argument expected after "{option}"')
                options[option] = rest[0]
                del rest[:count]
            elif option in {"-W", "-S", "--activity-clear-top", "--include-stopped-packages"}:
                flags.add(option)
            elif option.startswith("-"):
                raise ValueError(f"Unknown option: {option}")
            else:
                package = option
        return cls(
            action=options.get("-a", ""),
            component=options.get("-n", ""),
            data=options.get("-d", ""),
            package=options.get("-p", package),
            wait="-W" in flags,
            stop="-S" in flags,
        )


def activity_manager(start_server: StartServer) -> Program:
    """Return `am`, given what starts the UiAutomator2 server."""

    async def run(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
        match arguments:
            case ["start" | "start-activity", *rest]:
                await _start(phone, rest, streams)
            case ["force-stop", *rest]:
                await _force_stop(phone, rest[-1])
            case ["kill", *_]:
                pass
            case ["broadcast", *rest]:
                _broadcast(phone, rest, streams)
            case ["instrument", *rest]:
                await _instrument(phone, rest, streams, start_server)
            case ["startservice" | "start-foreground-service", *_]:
                raise CommandFailed("Error: Not found; no service started.", code=255)
            case _:
                raise CommandFailed(f"Error: unknown command '{' '.join(arguments[:1])}'", code=255)

    return run


async def _start(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    try:
        intent = Intent.read(arguments)
    except ValueError as error:
        raise CommandFailed(
            f"\nException occurred while executing 'start':\njava.lang.IllegalArgumentException: {error}",
            code=255,
        ) from error
    description = f"act={intent.action}" + (f" dat={intent.data}" if intent.data else "")
    app = _resolve(phone, intent)
    if app is None:
        streams.out(f"Starting: Intent {{ {description} }}")
        if intent.component:
            streams.out("Error type 3")
            name = "{" + intent.component + "}"
            streams.out(f"Error: Activity class {name} does not exist.")
        else:
            streams.out(
                f"Error: Activity not started, unable to resolve Intent {{ {description} flg=0x10000000 }}"
            )
        raise CommandFailed
    if intent.stop:
        await phone.device.stop(app.package)
        streams.out(f"Stopping: {app.package}")
    streams.out(f"Starting: Intent {{ {description} cmp={app.package}/{app.activity} }}")
    again = phone.device.foreground[0] == app.package and not intent.data
    link = _path(intent.data) if intent.data else None
    await phone.device.start(app.package, link=link, wait=intent.wait)
    if again:
        streams.out("Warning: Activity not started, its current task has been brought to the front")
    if intent.wait:
        streams.out(
            f"Status: ok\nLaunchState: {'HOT' if again else 'COLD'}\nActivity: {app.package}/{app.activity}"
        )
        streams.out("TotalTime: 0\nWaitTime: 0\nComplete")


def _resolve(phone: ConnectedPhone, intent: Intent) -> InstalledApp | None:
    if intent.component:
        package, _, activity = intent.component.partition("/")
        app = phone.device.apps.get(package)
        if app is None or _full_activity_name(package, activity) != _full_activity_name(
            package, app.activity
        ):
            return None
        return app
    if intent.package:
        return phone.device.apps.get(intent.package)
    if intent.action == "android.intent.action.VIEW":
        # A link without a package goes to the app that claims it: the one whose address it is, else none.
        host = urlsplit(intent.data).netloc
        claiming = [app for app in phone.device.apps.values() if host and urlsplit(app.url).netloc == host]
        return claiming[0] if len(claiming) == 1 else None
    return None


def _full_activity_name(package: str, activity: str) -> str:
    return f"{package}{activity}" if activity.startswith(".") else activity


def _path(link: str) -> str:
    """Return where in the app a link leads: Flutter's router goes by all that follows the host."""
    parts = urlsplit(link)
    path = parts.path or "/"
    if parts.query:
        path += f"?{parts.query}"
    return path + (f"#{parts.fragment}" if parts.fragment else "")


async def _force_stop(phone: ConnectedPhone, package: str) -> None:
    if package in {SERVER, SERVER_TEST}:
        if phone.server is not None:
            phone.server.crash()
        phone.expect_server()
    elif package in phone.device.apps:
        await phone.device.stop(package)


def _broadcast(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    intent = Intent.read(arguments)
    streams.out(f"Broadcasting: Intent {{ act={intent.action} flg=0x400000 cmp={intent.component} }}")
    match intent.component.removeprefix(f"{SETTINGS}/.receivers."):
        case "MediaScannerReceiver":
            # What was pushed is in the picker at once; a phone looks for it when told so.
            streams.out("Broadcast completed: result=-1")
        case "ClipboardReceiver":
            streams.out(f'Broadcast completed: result=-1, data="{phone.clipboard}"')
        case _:
            streams.out("Broadcast completed: result=0")


async def _instrument(
    phone: ConnectedPhone, arguments: list[str], streams: Streams, start_server: StartServer
) -> None:
    if arguments[-1:] != [RUNNER]:
        streams.out("INSTRUMENTATION_STATUS: id=ActivityManagerService")
        streams.out(
            f"INSTRUMENTATION_STATUS: Error=Unable to find instrumentation info for: {arguments[-1:]}"
        )
        streams.out("INSTRUMENTATION_STATUS_CODE: -1")
        raise CommandFailed
    if phone.server is not None:
        # Instrumenting a package again ends its process.
        phone.server.crash()
        await phone.server.gone.wait()
    await start_server(phone)
    streams.out("INSTRUMENTATION_STATUS: class=io.appium.uiautomator2.server.test.AppiumUiAutomator2Server")
    streams.out("INSTRUMENTATION_STATUS_CODE: 1")
    server = phone.server
    if server is not None:
        await server.ended.wait()
        for line in server.result:
            streams.out(line)
