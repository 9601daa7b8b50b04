"""Programs of the phone that say and set what it is like: getprop, settings, wm, ps and their kin."""

from __future__ import annotations

from fake_android.adb.streams import Streams
from fake_android.attached import Attached

RELEASES = {
    26: "8.0.0",
    28: "9",
    29: "10",
    30: "11",
    31: "12",
    32: "12",
    33: "13",
    34: "14",
    35: "15",
    36: "16",
}
DENSITY = 160
"""Dots per inch of a phone with the pixel ratio 1."""

MODEL = "Flutter_stand_in"


def release(phone: Attached) -> str:
    """Return the version of Android that a phone says it has."""
    return RELEASES.get(phone.device.setup.sdk, str(phone.device.setup.sdk - 20))


def density(phone: Attached) -> int:
    """Return the screen's dots per inch."""
    return round(phone.device.setup.pixel_ratio * DENSITY)


def properties(phone: Attached) -> dict[str, str]:
    """Return the system's properties."""
    return {
        "ro.build.version.sdk": str(phone.device.setup.sdk),
        "ro.build.version.release": release(phone),
        "ro.build.characteristics": "default",
        "ro.product.manufacturer": "journeys",
        "ro.product.brand": "journeys",
        "ro.product.model": MODEL,
        "ro.product.device": "stand_in",
        "ro.product.name": "stand_in",
        "ro.product.cpu.abi": "x86_64",
        "ro.product.locale": "en-US",
        "persist.sys.locale": "en-US",
        "persist.sys.timezone": "UTC",
        "ro.serialno": phone.serial,
        "ro.sf.lcd_density": str(density(phone)),
        "ro.kernel.qemu": "0",
        "sys.boot_completed": "1",
        "dev.bootcomplete": "1",
        "init.svc.bootanim": "stopped",
    }


async def get_property(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`getprop [NAME]`: one that isn't set is empty."""
    known = properties(phone)
    if arguments:
        streams.out(known.get(arguments[0], ""))
    else:
        for name, value in sorted(known.items()):
            streams.out(f"[{name}]: [{value}]")
    return 0


async def settings(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """Read and change settings: `settings get|put|delete|list NAMESPACE ...`."""
    match arguments:
        case ["get", ("global" | "secure" | "system") as space, name]:
            streams.out(phone.settings.get((space, name), "null"))
        case ["put", ("global" | "secure" | "system") as space, name, value]:
            phone.settings[space, name] = value
        case ["delete", ("global" | "secure" | "system") as space, name]:
            gone = phone.settings.pop((space, name), None)
            streams.out(f"Deleted {0 if gone is None else 1} rows")
        case ["list", ("global" | "secure" | "system") as space]:
            for (each, name), value in sorted(phone.settings.items()):
                if each == space:
                    streams.out(f"{name}={value}")
        case _:
            streams.err(f"Invalid command: {' '.join(arguments)}")
            return 255
    return 0


async def window_manager(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`wm size`, `wm density`, `wm dismiss-keyguard`: a stand-in has no lock."""
    width, height = phone.device.setup.size
    ratio = phone.device.setup.pixel_ratio
    match arguments:
        case ["size"]:
            streams.out(f"Physical size: {round(width * ratio)}x{round(height * ratio)}")
        case ["density"]:
            streams.out(f"Physical density: {density(phone)}")
        case ["dismiss-keyguard"]:
            pass
        case _:
            streams.err(f"Unknown command: {' '.join(arguments)}")
            return 255
    return 0


async def processes(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`ps [-A]`."""
    if "--help" in arguments:
        streams.out("usage: ps [-A]\n\nList processes.\n\n-A\tAll")
        return 0
    streams.out("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME")
    for package, pid in phone.processes().items():
        streams.out(f"u0_a{pid % 1000:<8} {pid:>6}   312 1000000 100000 0                   0 S {package}")
    return 0


async def process_ids(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`pidof NAME`."""
    found = [str(pid) for package, pid in phone.processes().items() if package in arguments]
    if found:
        streams.out(" ".join(found))
    return 0 if found else 1


async def echo(_phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`echo`."""
    streams.out(" ".join(arguments))
    return 0


async def app_operations(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`appops set PACKAGE OPERATION MODE`: taken down, as a stand-in's apps ask for no permission."""
    match arguments:
        case ["set", package, _, ("allow" | "ignore" | "deny" | "default")]:
            from fake_android.adb.packages import installed  # noqa: PLC0415

            if package in installed(phone):
                return 0
            streams.err(f"Error: No UID for {package} in user 0")
            return 255
    streams.err(f"Error: Unknown command: {' '.join(arguments)}")
    return 255


async def input_methods(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`ime list|enable|set|reset`."""
    known = "io.appium.settings/.AppiumIME"
    match arguments:
        case ["list", *_]:
            streams.out(f"{known}:")
        case [("enable" | "set" | "disable"), name] if name == known:
            phone.settings["secure", "default_input_method"] = name
        case ["reset"]:
            phone.settings.pop(("secure", "default_input_method"), None)
        case [("enable" | "set" | "disable"), name]:
            streams.err(f"Unknown input method {name} cannot be {arguments[0]}d for user #0")
            return 255
        case _:
            streams.err(f"Unknown command: {' '.join(arguments)}")
            return 255
    return 0
