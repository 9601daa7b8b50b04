"""Finds the Appium that `./run` set up, and says how to start it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import msgspec

from flutter_bridge.commands import run_command
from flutter_bridge.errors import AppiumMissing

VARIABLE = "JOURNEYS_NODE"
"""The environment variable that names the Node to run Appium with."""

OLDEST_MINOR = {20: 19, 22: 12}
"""Majors of Node that Appium runs with, from which minor on; from `SAFE_MAJOR` on it runs with all."""

SAFE_MAJOR = 24
SET_UP = "`./run android` sets it up"
NODE_NEEDED = "Appium needs Node 20.19, 22.12 or 24 and newer"
DRIVERS = ("uiautomator2", "chromium")


class _Appiums(TypedDict):
    """What Appium's own package.json has."""

    bin: dict[str, str]
    version: str


class _Projects(TypedDict):
    """What the project's package.json has."""

    dependencies: dict[str, str]


@dataclass(frozen=True, slots=True)
class AppiumInstallation:
    """An Appium and the Node to run it with: executables and folders are whole paths."""

    node: Path
    entry: Path
    home: Path
    version: str

    def command(
        self, port: int | str = "{port}", *, drivers: Sequence[str] = DRIVERS, log_level: str = "info"
    ) -> list[str]:
        """Return the command that starts the server on this machine's own address, without insecure features.

        - `port`: a number, or a placeholder that is filled in later.
        - `drivers`: the names of those to load. One that can't be loaded keeps the server from starting.
        - `log_level`: what goes to standard output: `debug`, `info`, `warn` or `error`.
        """
        return [
            *(str(self.node), str(self.entry), "server"),
            *("--address", "127.0.0.1", "--port", str(port)),
            *("--use-drivers", ",".join(drivers)),
            *("--log-level", log_level, "--log-no-colors", "--log-timestamp"),
        ]

    def environment(self, *, android_home: Path | None = None) -> dict[str, str]:
        """Return what the server needs to be told by its environment, for this process's own to be added to.

        `android_home` is the folder of an Android SDK, of which only `platform-tools/adb` has to be there.
        """
        environment = {"APPIUM_HOME": str(self.home)}
        if android_home is not None:
            # Appium reads either, and warns of two that differ.
            environment.update(ANDROID_HOME=str(android_home), ANDROID_SDK_ROOT=str(android_home))
        return environment


def find_appium(root: Path) -> AppiumInstallation:
    """Return the Appium in the `node_modules` of a project's folder, or of the nearest one above that has it.

    Node looks upwards, too: a project may be one of several in a repository that share what is installed.
    Node itself is the one that `JOURNEYS_NODE` names, else the one that `./run` used there (`.venv/node`),
    else the one on the path. Raises `AppiumMissing` where Appium or a Node that is new enough for it isn't
    there.
    """
    above = (folder for folder in root.parents if (folder / "node_modules" / "appium").is_dir())
    home = root if (root / "node_modules" / "appium").is_dir() else next(above, root)
    entry, version = _appium(home)
    return AppiumInstallation(node=_node(home), entry=entry, home=home, version=version)


def _appium(root: Path) -> tuple[Path, str]:
    folder = root / "node_modules" / "appium"
    try:
        package = msgspec.json.decode((folder / "package.json").read_bytes(), type=_Appiums)
        entry, version = folder / package["bin"]["appium"], package["version"]
    except (OSError, msgspec.DecodeError, RecursionError, KeyError) as error:
        raise AppiumMissing(f"there is no Appium in {root / 'node_modules'}: {SET_UP}") from error
    if not os.path.isfile(entry):  # noqa: PTH113 - for pathlib, a name that is too long is an error
        raise AppiumMissing(
            f"the Appium in {folder} is not whole, {_make_printable(entry.name)} is missing: {SET_UP}"
        )
    pinned = _pinned_version(root)
    if pinned is not None and pinned != version:
        raise AppiumMissing(
            f"Appium {_make_printable(version)} is installed, and package.json pins "
            f"{_make_printable(pinned)}: {SET_UP} anew"
        )
    return entry, version


def _pinned_version(root: Path) -> str | None:
    """Return the version that the project asks for, if it says so."""
    try:
        package = msgspec.json.decode((root / "package.json").read_bytes(), type=_Projects)
        return package["dependencies"]["appium"]
    except (OSError, msgspec.DecodeError, RecursionError, KeyError):
        return None


def _make_printable(text: str) -> str:
    return re.sub(r"[^\w.+^~<>=* -]", "?", text[:40])


def _node(root: Path) -> Path:
    named = os.environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise AppiumMissing(f"no Node at {named}: name an executable in {VARIABLE}, or unset it")
        problem = _find_obstacle(found)
        if problem:
            raise AppiumMissing(f"{NODE_NEEDED}, and {VARIABLE}={named} {problem}: name another, or unset it")
        return Path(found).absolute()
    problems = []
    for candidate in _candidates(root):
        problem = _find_obstacle(candidate)
        if problem is None:
            return Path(candidate).absolute()
        problems.append(f"{candidate} {problem}")
    seen = "; ".join(problems) or "there is none on the path"
    raise AppiumMissing(f"{NODE_NEEDED} ({seen}): {SET_UP} with one of its own, or name one in {VARIABLE}")


def _candidates(root: Path) -> Iterator[str]:
    try:
        recorded = (root / ".venv" / "node").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        recorded = ""
    for place in (recorded, "node"):
        found = shutil.which(place) if place and "\0" not in place else None
        if found:
            yield found


def _find_obstacle(node: str) -> str | None:
    """Return why Appium doesn't run with a Node, if so, as the end of a sentence about it."""
    try:
        printed = run_command((node, "--version"), timeout=60).printed
    except OSError as error:  # a time-out is one
        return f"does not start ({error})"
    version = re.match(r"v(\d+)\.(\d+)\.", printed)
    if version is None:
        return "does not say its version"
    major, minor = int(version[1]), int(version[2])
    if major >= SAFE_MAJOR or (major in OLDEST_MINOR and minor >= OLDEST_MINOR[major]):
        return None
    return f"is {printed.strip()}"
