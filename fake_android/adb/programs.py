"""The programs that are on a phone."""

from __future__ import annotations

from collections.abc import Mapping

from fake_android.adb import dumps, files, inputs, packages, properties
from fake_android.adb.activities import StartServer, activity_manager
from fake_android.adb.logcat import logcat
from fake_android.adb.shell import Program
from fake_android.adb.streams import Streams
from fake_android.attached import Attached


def programs(start_server: StartServer) -> Mapping[str, Program]:
    """Return the programs by name, given what starts the UiAutomator2 server."""
    return {
        "[": files.test,
        "am": activity_manager(start_server),
        "appops": properties.app_operations,
        "cat": files.concatenate,
        "cmd": _service,
        "date": files.date,
        "dumpsys": dumps.dump,
        "echo": properties.echo,
        "getprop": properties.get_property,
        "ime": properties.input_methods,
        "input": inputs.enter,
        "logcat": logcat,
        "ls": files.listing,
        "mkdir": files.make_folder,
        "pidof": properties.process_ids,
        "pm": packages.package_manager,
        "ps": properties.processes,
        "rm": files.remove,
        "settings": properties.settings,
        "stat": files.size,
        "touch": files.touch,
        "wm": properties.window_manager,
    }


async def _service(phone: Attached, arguments: list[str], streams: Streams) -> int:
    match arguments:
        case ["package", *rest]:
            return await packages.package_manager(phone, rest, streams)
        case [name, *_]:
            streams.err(f"cmd: Can't find service: {name}")
            return 20
    streams.err("cmd: No service specified; use -l to list all running services. Use -w to start and wait.")
    return 20
