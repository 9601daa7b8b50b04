"""Programs of the phone that say and set what it is like: getprop, settings, wm, ps, dumpsys and the like."""

from __future__ import annotations

from fake_android.adb.shell import CommandFailed, Streams
from fake_android.connected_phone import DEFAULT_INPUT_METHOD, KEYBOARD, SETTINGS, ConnectedPhone
from fake_android.device import MODEL


def _properties(phone: ConnectedPhone) -> dict[str, str]:
    """Return the system's properties."""
    return {
        "ro.build.version.sdk": str(phone.device.setup.sdk),
        "ro.build.version.release": phone.device.setup.release,
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
        "ro.sf.lcd_density": str(phone.device.setup.density_dpi),
        "ro.kernel.qemu": "0",
        "sys.boot_completed": "1",
        "dev.bootcomplete": "1",
        "init.svc.bootanim": "stopped",
    }


async def get_property(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`getprop [NAME]`: one that isn't set is empty."""
    known = _properties(phone)
    if arguments:
        streams.out(known.get(arguments[0], ""))
    else:
        for name, value in sorted(known.items()):
            streams.out(f"[{name}]: [{value}]")


async def settings(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
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
            raise CommandFailed(f"Invalid command: {' '.join(arguments)}", code=255)


async def window_manager(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`wm size`, `wm density`, `wm dismiss-keyguard`: a stand-in has no lock."""
    width, height = phone.device.setup.size
    ratio = phone.device.setup.pixel_ratio
    match arguments:
        case ["size"]:
            streams.out(f"Physical size: {round(width * ratio)}x{round(height * ratio)}")
        case ["density"]:
            streams.out(f"Physical density: {phone.device.setup.density_dpi}")
        case ["dismiss-keyguard"]:
            pass
        case _:
            raise CommandFailed(f"Unknown command: {' '.join(arguments)}", code=255)


async def processes(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`ps [-A]`."""
    if "--help" in arguments:
        streams.out("usage: ps [-A]\n\nList processes.\n\n-A\tAll")
        return
    streams.out("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME")
    for package, pid in phone.processes().items():
        streams.out(f"u0_a{pid % 1000:<8} {pid:>6}   312 1000000 100000 0                   0 S {package}")


async def process_ids(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`pidof NAME`."""
    found = [str(pid) for package, pid in phone.processes().items() if package in arguments]
    if not found:
        raise CommandFailed
    streams.out(" ".join(found))


async def app_operations(phone: ConnectedPhone, arguments: list[str], _streams: Streams) -> None:
    """`appops set PACKAGE OPERATION MODE`: taken down, as a stand-in's apps ask for no permission."""
    match arguments:
        case ["set", package, _, ("allow" | "ignore" | "deny" | "default")]:
            if package in phone.installed_versions():
                return
            raise CommandFailed(f"Error: No UID for {package} in user 0", code=255)
    raise CommandFailed(f"Error: Unknown command: {' '.join(arguments)}", code=255)


INPUT_METHODS = (KEYBOARD, *(f"{SETTINGS}/.{name}" for name in ("AppiumIME", "EmptyIME", "UnicodeIME")))


async def input_methods(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`ime list|enable|disable|set|reset`: those of Appium's have no keyboard."""
    match arguments:
        case ["list", *options]:
            for name in INPUT_METHODS:
                streams.out(name if "-s" in options else f"{name}:")
        case [("enable" | "disable"), name] if name in INPUT_METHODS:
            pass
        case ["set", name] if name in INPUT_METHODS:
            phone.settings[DEFAULT_INPUT_METHOD] = name
            await phone.device.use_keyboard(shown=name == KEYBOARD)
        case ["reset"]:
            phone.settings[DEFAULT_INPUT_METHOD] = KEYBOARD
            await phone.device.use_keyboard(shown=True)
        case [("enable" | "set" | "disable"), name]:
            raise CommandFailed(
                f"Unknown input method {name} cannot be {arguments[0]}d for user #0", code=255
            )
        case _:
            raise CommandFailed(f"Unknown command: {' '.join(arguments)}", code=255)


# -- dumpsys: what the phone's services say of themselves, as far as it is known to be read


async def dump_services(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    """`dumpsys SERVICE ...`."""
    match arguments:
        case ["window", *_]:
            _dump_windows(phone, streams)
        case ["activity", *rest]:
            _dump_activities(phone, rest, streams)
        case ["package", package]:
            _dump_package(phone, package, streams)
        case ["SurfaceFlinger", "--display-id"]:
            streams.out('Display 1 (HWC display 0): port=0 pnpId=STD displayName="stand-in"')
        case ["input_method", *_]:
            is_up = str(await phone.device.is_keyboard_up()).lower()
            streams.out(f"  mInputShown={is_up}\n  mIsInputViewShown={is_up}")
        case [service, *_]:
            streams.out(_SERVICES.get(service, f"Can't find service: {service}"))
        case _:
            streams.out(
                "Currently running services:\n  SurfaceFlinger\n  activity\n  package\n  power\n  window"
            )


_SERVICES = {"power": "POWER MANAGER (dumpsys power)\n  mWakefulness=Awake", "deviceidle": ""}
"""What services say that have little to say."""


def _dump_activities(phone: ConnectedPhone, arguments: list[str], streams: Streams) -> None:
    match arguments:
        case ["processes", *_]:
            for package, pid in phone.processes().items():
                user = pid % 1000
                streams.out(f"  *APP* UID 10{user} ProcessRecord{{{pid:07x} {pid}:{package}/u0a{user}}}")
        case ["services", package]:
            streams.out("ACTIVITY MANAGER SERVICES (dumpsys activity services)")
            if package == SETTINGS:
                streams.out(f"  * ServiceRecord{{5a7d2 u0 {SETTINGS}/.ForegroundService}}")
                streams.out("    isForeground=true foregroundId=1")
            else:
                streams.out("  (nothing)")
        case _:
            package, activity = phone.device.foreground
            streams.out(f"  mResumedActivity: ActivityRecord{{5a7d1 u0 {package}/{activity} t1}}")


def _dump_windows(phone: ConnectedPhone, streams: Streams) -> None:
    package, activity = phone.device.foreground
    width, height = phone.device.size
    streams.out("WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)")
    streams.out(f"  Display: mDisplayId=0\n    init={width}x{height} cur={width}x{height}")
    streams.out(f"  mCurrentFocus=Window{{5a7d0 u0 {package}/{activity}}}")
    streams.out(f"  mFocusedApp=ActivityRecord{{5a7d1 u0 {package}/{activity} t1}}")
    streams.out("    screenState=SCREEN_STATE_ON\n    mShowingLockscreen=false mDreamingLockscreen=false")
    streams.out("    mScreenOnFully=true")


def _dump_package(phone: ConnectedPhone, package: str, streams: Streams) -> None:
    version = phone.installed_versions().get(package)
    if version is None:
        streams.out(f"Unable to find package: {package}")
        return
    app = phone.device.apps.get(package)
    if app is not None:
        streams.out("Activity Resolver Table:\n  Non-Data Actions:\n      android.intent.action.MAIN:")
        streams.out(f"        5a7d3 {package}/{app.activity} filter 5a7d4")
        streams.out('          Category: "android.intent.category.LAUNCHER"\n')
    streams.out(f"Packages:\n  Package [{package}] (5a7d5):")
    streams.out(f"    versionCode={version} minSdk=21 targetSdk={phone.device.setup.sdk}")
    streams.out(f"    versionName={(app.version_name if app else '') or f'{version}.0'}")
    streams.out("    install permissions:\n    runtime permissions:")
