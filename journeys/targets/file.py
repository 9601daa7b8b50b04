"""Reads targets.toml: the targets of a project and its casts, beside the pyproject.toml it belongs to.

[targets.pixel]
platform = "android"                        # web, android, ios or chromium
app = "build/app-release.apk"               # a file to install, or ...
app_id = "com.example.app"                  # ... what is installed already
activity = ".MainActivity"
devices = ["emulator-5554"]                 # left out: those that are found
appium_url = "https://${USER_NAME}:${ACCESS_KEY}@farm.example/wd/hub"      # left out: started here
pixel_ratio = 2.625                         # left out: the device's own
links = "example://open"                    # what stands before /people/42 in a deep link
permissions = "allow"                       # or deny, or ask: answered by the journey
frames = "mjpeg"                            # or screenshots; left out: the best there is
timeout = 20                                # seconds that a wait may take
theme = "light"                             # or dark: what the browser says that people prefer
stand_in = true                             # where no device is there, a stand-in takes its place
    stand_ins = 4                               # how many of them there are
    strict = true                               # what may fail on a phone fails on them
provider = "grid"                           # who gives the devices; left out: this host, or appium_url's

[targets.pixel.capabilities]                # added to those that are set for you
"appium:avd" = "Pixel_7"

[targets.pixel.provider_options]            # as the provider's documentation calls them
url = "http://grid.example:4444"

[casts.mixed]                               # --journey-cast mixed
alice = "pixel"
"*" = "web"                                 # everyone else
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flutter_bridge import is_server_address
from journeys.configuration import Configuration
from journeys.errors import SetupError, UsageError, name_nearest
from journeys.redaction import is_secret_setting, know
from journeys.targets.target import FILE, Providers, Target, UnfitSetting, provider_of
from journeys.toml_file import (
    TablePlace,
    as_table,
    read_inner,
    read_table,
    read_texts,
    read_toml,
    refuse_unknown,
)

NO_ADDRESS = "is no address of a server: write it like http://127.0.0.1:4723, without ? and #"

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""How a setting takes what is secret from the environment."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_BUILT_IN = (
    Target(name="web"),
    Target(name="android", platform="android"),
    Target(name="ios", platform="ios"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The targets and casts there are; `casts` map actors (`*`: everyone else) to targets' names.

    `unsound` are the targets of a nightly job that can't be used, and why: the others can. `providers` gives
    those that targets may name.
    """

    by_name: Mapping[str, Target]
    casts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unsound: Mapping[str, str] = field(default_factory=dict)
    providers: Providers = dict

    def find(self, name: str) -> Target:
        """Return a target with its secrets filled in; raises `UsageError` where there is none of the name."""
        if name in self.unsound:
            raise SetupError(self.unsound[name])
        target = self.by_name.get(name)
        if target is None:
            raise UsageError(f"unknown target {name!r:.80}: {name_nearest(name, self.by_name)}")
        try:
            return self._expand(target)
        except UnfitSetting as problem:
            raise SetupError(f"{target.file}: targets.{name}.{problem.key}: {problem}") from problem

    def _expand(self, target: Target) -> Target:
        """Return a target with its secrets, and with what its provider makes of it."""
        target = replace(
            target,
            capabilities=_fill_table(target.capabilities, "capabilities"),
            provider_options=_fill_table(target.provider_options, "provider_options"),
            appium_url=cast(str | None, _fill_in(target.appium_url, os.environ, key="appium_url")),
        )
        if target.appium_url is not None and not is_server_address(target.appium_url):
            # Not repeated here: there may be a secret in it.
            raise UnfitSetting("appium_url", NO_ADDRESS)
        if target.provider is None:
            return target
        return provider_of(target, self.providers).expand(target, os.environ)


def read_targets(
    configuration: Configuration, more: Path | None = None, *, providers: Providers = dict
) -> Targets:
    """Read the project's targets.toml; without one there are only those that need no settings.

    A name in `[tool.journeys] targets` that the file doesn't have is the web build under another name. `more`
    is a nightly.toml, whose targets and casts are added; one of them that is wrong does not spoil the others.
    `providers` gives those that targets may name.
    """
    targets = {target.name: target for target in _BUILT_IN}
    targets |= {name: Target(name=name) for name in configuration.targets if name not in targets}
    casts: dict[str, Mapping[str, str]] = {}
    unsound: dict[str, str] = {}
    file = configuration.root / FILE
    if file.is_file():
        _read(file, targets, casts, providers)
    if more is not None:
        _read(more, targets, casts, providers, unsound)
    return Targets(by_name=targets, casts=casts, unsound=unsound, providers=providers)


def _read(
    file: Path,
    targets: dict[str, Target],
    casts: dict[str, Mapping[str, str]],
    providers: Providers,
    unsound: dict[str, str] | None = None,
) -> None:
    """Add a file's targets and casts; where `unsound` is given, it takes what is wrong with a target."""
    try:
        document, top = read_toml(file), TablePlace(file)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {file}: name a file of targets") from error
    for name, table in read_inner(document, "targets", top).items():
        try:
            targets[name] = _read_target(name, table, top.inner("targets", name), providers)
        except SetupError as problem:
            if unsound is None:
                raise
            unsound[name] = str(problem)
    known = {*targets, *(unsound or ())}
    for name, actors in read_inner(document, "casts", top).items():
        place = top.inner("casts", name)
        casts[name] = read_texts(actors, place)
        for actor, target in casts[name].items():
            if target not in known:
                raise place.error(actor, f"unknown target {target!r:.80}: {name_nearest(target, known)}")
    # [night] is the nightly job's own.
    refuse_unknown(document, ("targets", "casts", *(() if unsound is None else ("night",))), top)


def _read_target(name: str, values: object, place: TablePlace, providers: Providers) -> Target:
    table = as_table(values, place)
    if "platform" not in table:
        raise place.error("platform", "is missing")
    target = read_table(table, Target, place, name=name, file=place.file.name)
    if target.app is not None and "://" not in target.app:
        target = replace(target, app=str(place.file.absolute().parent / target.app))
    if not _NAME.fullmatch(name):
        raise place.error("platform", f"{name!r:.80} is no name: small letters, digits, - and _ only")
    if target.pixel_ratio is not None and not 0 < target.pixel_ratio <= 10:
        raise place.error("pixel_ratio", "a device's is a positive number such as 2.625")
    for key, seconds in (("start_timeout", target.start_timeout), ("timeout", target.timeout)):
        if seconds is not None and seconds <= 0:
            raise place.error(key, "must be more than 0 seconds")
    _check_platform(target, table, place)
    if target.provider is not None:
        try:
            provider_of(target, providers)
        except UnfitSetting as problem:
            raise place.error(problem.key, str(problem)) from problem
    elif "provider_options" in table:
        raise place.error("provider_options", "has no meaning without a provider: name one")
    return target


def _check_platform(target: Target, table: Mapping[str, Any], place: TablePlace) -> None:
    """Refuse what has no meaning on the target's platform."""
    if target.stand_in and target.platform != "android":
        raise place.error("stand_in", "there is a stand-in for Android only")
    if target.theme != "light" and target.platform != "web":
        raise place.error("theme", "a device has its own: set it there, and leave this out")
    if "system_names" in table and target.platform not in {"android", "ios"}:
        raise place.error("system_names", "has no meaning without a phone: leave it out")
    for key in ("app", "app_id", "activity", "links"):
        if key in table and target.shows_web_build:
            raise place.error(key, "has no meaning where the web build is shown: leave it out")
    for key in ("appium_url", "devices", "capabilities", "frames"):
        if key in table and target.platform == "web":
            raise place.error(key, "has no meaning on the web, which Playwright drives: leave it out")


def _fill_table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    return cast(Mapping[str, object], _fill_in(table, os.environ, key=key))


def _fill_in(value: object, environment: Mapping[str, str], *, key: str) -> object:
    """Return a setting with every `${NAME}` in its strings, however deep, replaced by the environment's.

    What was filled in is a secret from then on.

    Raises `UnfitSetting` for a variable that isn't set, and for a secret that stands there itself.
    """
    if isinstance(value, Mapping):
        return {name: _fill_in(each, environment, key=f"{key}.{name}") for name, each in value.items()}
    if isinstance(value, list):
        return [_fill_in(each, environment, key=key) for each in value]
    if not isinstance(value, str):
        return value
    if not VARIABLE.search(value) and (is_secret_setting(key) or _has_password(value)):
        raise UnfitSetting(
            key, 'is a secret and must not stand in a file: write "${NAME}" and set NAME outside'
        )

    def look_up(found: re.Match[str]) -> str:
        name = found[1]
        if not environment.get(name):
            raise UnfitSetting(key, f"the environment variable {name} is not set")
        know([environment[name]])
        return environment[name]

    return VARIABLE.sub(look_up, value)


def _has_password(value: str) -> bool:
    try:
        return "://" in value and bool(urlsplit(value).password)
    except ValueError:
        return False
