"""What is installed on a phone: pm, `cmd package`, and the packages that a stand-in installs apps from."""

from __future__ import annotations

import asyncio
import zipfile
import zlib
from pathlib import Path
from typing import NotRequired, TypedDict

import msgspec

from fake_android.adb.streams import Streams
from fake_android.attached import HELPERS, SERVER, SERVER_TEST, Attached
from fake_android.device import App

MANIFEST = "assets/stand-in.json"
LARGEST_MANIFEST = 64 * 2**10

# By any of these a zip file, or what is in it, tells of damage.
_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


class _Manifest(TypedDict):
    package: str
    activity: str
    url: str
    version: NotRequired[int]
    label: NotRequired[str]


class NotAPackage(ValueError):
    """A file is no package a stand-in can install; the text says as a phone would why."""


def read_package(path: Path) -> App:
    """Return the app of a package: a zip file with `assets/stand-in.json`; raises `NotAPackage`."""
    try:
        with zipfile.ZipFile(path) as package, package.open(MANIFEST) as manifest:
            content = msgspec.json.decode(manifest.read(LARGEST_MANIFEST), type=_Manifest)
            return App(**content)
    except _DAMAGE as error:
        reason = " ".join(str(error).split())[:200]
        raise NotAPackage(f"INSTALL_PARSE_FAILED_NOT_APK: Failed to parse {path}: {reason}") from error
    except KeyError as error:
        raise NotAPackage(
            f"INSTALL_PARSE_FAILED_BAD_MANIFEST: {path.name} has no {error}: a stand-in shows an app's "
            f"web build, which {MANIFEST} names, and runs no Android code"
        ) from error


def installed(phone: Attached) -> dict[str, int]:
    """Return the version codes of what is installed, by package."""
    return {package: app.version for package, app in phone.device.apps.items()} | HELPERS


async def install(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`adb install [-r] [-g] ... PATH`, with a path of this machine's."""
    flags = [each for each in arguments if each.startswith("-")]
    match [each for each in arguments if not each.startswith("-")]:
        case [path]:
            pass
        case _:
            streams.err("adb: need exactly one package to install")
            return 1
    if not await asyncio.to_thread(Path(path).is_file):
        streams.err(f"adb: failed to stat {path}: No such file or directory")
        return 1
    streams.out("Performing Streamed Install")
    try:
        app = read_package(Path(path))
    except NotAPackage as error:
        streams.err(f"adb: failed to install {path}: Failure [{error}]")
        return 1
    old = phone.device.apps.get(app.package)
    if old is not None and "-r" not in flags:
        streams.err(
            f"adb: failed to install {path}: Failure [INSTALL_FAILED_ALREADY_EXISTS: Attempt to re-install "
            f"{app.package} without first uninstalling.]"
        )
        return 1
    if old is not None and old.version > app.version and "-d" not in flags:
        streams.err(
            f"adb: failed to install {path}: Failure [INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: "
            f"Update version code {app.version} is older than current {old.version}]"
        )
        return 1
    await phone.device.install(app)
    streams.out("Success")
    return 0


async def uninstall(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`adb uninstall PACKAGE`."""
    for package in [each for each in arguments if not each.startswith("-")]:
        if not await phone.device.uninstall(package):
            streams.out("Failure [DELETE_FAILED_INTERNAL_ERROR]")
            return 1
    streams.out("Success")
    return 0


async def package_manager(phone: Attached, arguments: list[str], streams: Streams) -> int:
    """`pm`, which is `cmd package` by another name."""
    words = [each for each in arguments if not each.startswith("--user") and each != "0"]
    match words:
        case ["list", "packages", *flags]:
            _list_packages(phone, flags, streams)
        case ["list", "instrumentation"]:
            streams.out(
                f"instrumentation:{SERVER_TEST}/androidx.test.runner.AndroidJUnitRunner (target={SERVER})"
            )
        case ["path", package] if package in installed(phone):
            streams.out(f"package:/data/app/{package}/base.apk")
        case ["path", _]:
            return 1
        case ["clear", package]:
            return await _clear(phone, package, streams)
        case ["uninstall", *rest]:
            return await uninstall(phone, rest, streams)
        case ["grant" | "revoke", package, permission]:
            return _permission(phone, package, permission, streams)
        case ["resolve-activity", *flags, package] if all(flag.startswith("-") for flag in flags):
            _resolve(phone, package, streams)
        case _:
            streams.err(f"Unknown command: {' '.join(arguments)}")
            return 255
    return 0


def _list_packages(phone: Attached, flags: list[str], streams: Streams) -> None:
    for package, version in sorted(installed(phone).items()):
        code = f" versionCode:{version}" if "--show-versioncode" in flags else ""
        streams.out(f"package:{package}{code}")


async def _clear(phone: Attached, package: str, streams: Streams) -> int:
    if package not in installed(phone):
        streams.out("Failed")
        return 1
    if package in phone.device.apps:
        await phone.device.clear(package)
    streams.out("Success")
    return 0


def _permission(phone: Attached, package: str, permission: str, streams: Streams) -> int:
    # A stand-in's apps declare no permissions, and only declared ones can be granted.
    known = package in installed(phone)
    reason = f"Package {package} has not requested {permission}" if known else f"Unknown package: {package}"
    kind = "Security" if known else "IllegalArgument"
    streams.err(f"\nException occurred while executing:\njava.lang.{kind}Exception: {reason}")
    return 255


def _resolve(phone: Attached, package: str, streams: Streams) -> None:
    app = phone.device.apps.get(package)
    if app is None:
        streams.out("No activity found")
        return
    streams.out("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false")
    streams.out(f"{app.package}/{app.activity}")
