"""`dumpsys`: what the phone's services say of themselves, as far as it is known to be read."""

from __future__ import annotations

from fake_android.adb.packages import installed
from fake_android.adb.streams import Streams
from fake_android.attached import SETTINGS, Attached


async def dump(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`dumpsys SERVICE ...`."""
    match arguments:
        case ["window", *_]:
            _window(phone, streams)
        case ["activity", *rest]:
            _activity(phone, rest, streams)
        case ["package", package]:
            _package(phone, package, streams)
        case ["SurfaceFlinger", "--display-id"]:
            streams.out('Display 1 (HWC display 0): port=0 pnpId=STD displayName="stand-in"')
        case ["input_method", *_]:
            is_up = str(await phone.device.is_keyboard_up()).lower()
            streams.out(f"  mInputShown={is_up}\n  mIsInputViewShown={is_up}")
        case [service, *_]:
            streams.out(SERVICES.get(service, f"Can't find service: {service}"))
        case _:
            streams.out(
                "Currently running services:\n  SurfaceFlinger\n  activity\n  package\n  power\n  window"
            )
    return 0


SERVICES = {
    "power": "POWER MANAGER (dumpsys power)\n  mWakefulness=Awake",
    "deviceidle": "",
}
"""What services say that have little to say."""


def _activity(phone: Attached, arguments: list[str], streams: Streams) -> None:
    match arguments:
        case ["processes", *_]:
            for package, pid in phone.processes().items():
                user = pid % 1000
                streams.out(f"  *APP* UID 10{user} ProcessRecord{{{pid:07x} {pid}:{package}/u0a{user}}}")
        case ["services", package]:
            _services(package, streams)
        case _:
            package, activity = phone.device.foreground
            streams.out(f"  mResumedActivity: ActivityRecord{{5a7d1 u0 {package}/{activity} t1}}")


def _window(phone: Attached, streams: Streams) -> None:
    package, activity = phone.device.foreground
    width, height = phone.device.size
    streams.out("WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)")
    streams.out(f"  Display: mDisplayId=0\n    init={width}x{height} cur={width}x{height}")
    streams.out(f"  mCurrentFocus=Window{{5a7d0 u0 {package}/{activity}}}")
    streams.out(f"  mFocusedApp=ActivityRecord{{5a7d1 u0 {package}/{activity} t1}}")
    streams.out("    screenState=SCREEN_STATE_ON\n    mShowingLockscreen=false mDreamingLockscreen=false")
    streams.out("    mScreenOnFully=true")


def _services(package: str, streams: Streams) -> None:
    streams.out("ACTIVITY MANAGER SERVICES (dumpsys activity services)")
    if package != SETTINGS:
        streams.out("  (nothing)")
        return
    streams.out(f"  * ServiceRecord{{5a7d2 u0 {SETTINGS}/.ForegroundService}}")
    streams.out("    isForeground=true foregroundId=1")


def _package(phone: Attached, package: str, streams: Streams) -> None:
    version = installed(phone).get(package)
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
    streams.out(f"    versionName={version}.0")
    streams.out("    install permissions:\n    runtime permissions:")
