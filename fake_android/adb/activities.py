"""`am`: starts and stops apps, and the UiAutomator2 server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fake_android.adb.packages import installed
from fake_android.adb.streams import Streams
from fake_android.attached import SERVER, SERVER_TEST, SETTINGS, Attached
from fake_android.device import App

RUNNER = f"{SERVER_TEST}/androidx.test.runner.AndroidJUnitRunner"
LAUNCHER = "android.intent.category.LAUNCHER"
VALUES = {"-a", "-c", "-d", "-f", "-n", "-p", "-t", "--user", "--es", "--ez", "--ei", "--el", "--ef", "-e"}
TWO_VALUES = {"--es", "--ez", "--ei", "--el", "--ef", "-e"}

StartServer = Callable[[Attached], Awaitable[None]]


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
        given: dict[str, str] = {}
        rest = list(arguments)
        package = ""
        flags = set()
        while rest:
            option = rest.pop(0)
            if option in VALUES:
                if len(rest) < (2 if option in TWO_VALUES else 1):
                    raise ValueError(f'Argument expected after "{option}"')
                given[option] = rest.pop(0)
                if option in TWO_VALUES:
                    rest.pop(0)
            elif option in {"-W", "-S", "--activity-clear-top", "--include-stopped-packages"}:
                flags.add(option)
            elif option.startswith("-"):
                raise ValueError(f"Unknown option: {option}")
            else:
                package = option
        return cls(
            action=given.get("-a", ""),
            component=given.get("-n", ""),
            data=given.get("-d", ""),
            package=given.get("-p", package),
            wait="-W" in flags,
            stop="-S" in flags,
        )


def activity_manager(start_server: StartServer) -> Callable[[Attached, list[str], Streams], Awaitable[int]]:
    """Return `am`, given what starts the UiAutomator2 server."""

    async def run(phone: Attached, arguments: list[str], streams: Streams) -> int:
        match arguments:
            case ["start" | "start-activity", *rest]:
                return await _start(phone, rest, streams)
            case ["force-stop", *rest]:
                await _force_stop(phone, rest[-1])
            case ["kill", *_]:
                pass
            case ["broadcast", *rest]:
                _broadcast(phone, rest, streams)
            case ["instrument", *rest]:
                return await _instrument(phone, rest, streams, start_server)
            case ["startservice" | "start-foreground-service", *_]:
                streams.err("Error: Not found; no service started.")
                return 255
            case _:
                streams.err(f"Error: unknown command '{' '.join(arguments[:1])}'")
                return 255
        return 0

    return run


async def _start(phone: Attached, arguments: list[str], streams: Streams) -> int:
    try:
        intent = Intent.read(arguments)
    except ValueError as error:
        streams.err(
            f"\nException occurred while executing 'start':\njava.lang.IllegalArgumentException: {error}"
        )
        return 255
    shown = f"act={intent.action}" + (f" dat={intent.data}" if intent.data else "")
    app = _resolve(phone, intent)
    if app is None:
        streams.out(f"Starting: Intent {{ {shown} }}")
        if intent.component:
            streams.out("Error type 3")
            name = "{" + intent.component + "}"
            streams.out(f"Error: Activity class {name} does not exist.")
        else:
            streams.out(f"Error: Activity not started, unable to resolve Intent {{ {shown} flg=0x10000000 }}")
        return 1
    if intent.stop:
        await phone.device.stop(app.package)
        streams.out(f"Stopping: {app.package}")
    streams.out(f"Starting: Intent {{ {shown} cmp={app.package}/{app.activity} }}")
    again = phone.device.foreground[0] == app.package and not intent.data
    await phone.device.start(app.package, link=_path(intent.data) if intent.data else None)
    if again:
        streams.out("Warning: Activity not started, its current task has been brought to the front")
    if intent.wait:
        streams.out(
            f"Status: ok\nLaunchState: {'HOT' if again else 'COLD'}\nActivity: {app.package}/{app.activity}"
        )
        streams.out("TotalTime: 0\nWaitTime: 0\nComplete")
    return 0


def _resolve(phone: Attached, intent: Intent) -> App | None:
    if intent.component:
        package, _, activity = intent.component.partition("/")
        app = phone.device.apps.get(package)
        if app is None or _full(package, activity) != _full(package, app.activity):
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


def _full(package: str, activity: str) -> str:
    return f"{package}{activity}" if activity.startswith(".") else activity


def _path(link: str) -> str:
    """Return where in the app a link leads: Flutter's router goes by all that follows the host."""
    parts = urlsplit(link)
    path = parts.path or "/"
    if parts.query:
        path += f"?{parts.query}"
    return path + (f"#{parts.fragment}" if parts.fragment else "")


async def _force_stop(phone: Attached, package: str) -> None:
    if package in {SERVER, SERVER_TEST}:
        if phone.server is not None:
            phone.server.end(*CRASHED)
        phone.expect_server()
    elif package in phone.device.apps:
        await phone.device.stop(package)


CRASHED = ("INSTRUMENTATION_RESULT: shortMsg=Process crashed.", "INSTRUMENTATION_CODE: 0")


def _broadcast(phone: Attached, arguments: list[str], streams: Streams) -> None:
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
    phone: Attached, arguments: list[str], streams: Streams, start_server: StartServer
) -> int:
    if not arguments or arguments[-1] != RUNNER or SERVER_TEST not in installed(phone):
        streams.out("INSTRUMENTATION_STATUS: id=ActivityManagerService")
        streams.out(
            f"INSTRUMENTATION_STATUS: Error=Unable to find instrumentation info for: {arguments[-1:]}"
        )
        streams.out("INSTRUMENTATION_STATUS_CODE: -1")
        return 1
    if phone.server is not None:
        # Instrumenting a package anew ends its process.
        phone.server.end(*CRASHED)
        await phone.server.gone.wait()
    await start_server(phone)
    streams.out("INSTRUMENTATION_STATUS: class=io.appium.uiautomator2.server.test.AppiumUiAutomator2Server")
    streams.out("INSTRUMENTATION_STATUS_CODE: 1")
    server = phone.server
    if server is not None:
        await server.ended.wait()
        for line in server.result:
            streams.out(line)
    return 0
