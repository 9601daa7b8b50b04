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
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import cast

from flutter_bridge import SystemNames, is_server_address
from journeys.configuration import Configuration
from journeys.errors import SetupError, UsageError, nearest
from journeys.targets.provider import Providers, UnfitSetting, provider_of
from journeys.targets.secrets import filled
from journeys.targets.target import (
    FILE,
    PLATFORMS,
    STAND_INS,
    FrameKind,
    Permissions,
    Platform,
    Target,
    Theme,
)
from journeys.toml_table import Table, read_toml

NO_ADDRESS = "is no address of a server: write it like http://127.0.0.1:4723, without ? and #"

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

    def named(self, name: str) -> Target:
        """Return a target with its secrets filled in; raises `UsageError` where there is none of the name."""
        if name in self.unsound:
            raise SetupError(self.unsound[name])
        target = self.by_name.get(name)
        if target is None:
            raise UsageError(f"unknown target {name!r:.80}: {nearest(name, self.by_name)}")
        try:
            return self._expand(target)
        except UnfitSetting as problem:
            raise SetupError(f"{target.file}: targets.{name}.{problem.key}: {problem}") from problem

    def _expand(self, target: Target) -> Target:
        """Return a target with its secrets, and with what its provider makes of it."""
        target = replace(
            target,
            capabilities=_filled_table(target.capabilities, "capabilities"),
            provider_options=_filled_table(target.provider_options, "provider_options"),
            appium_url=cast(str | None, filled(target.appium_url, os.environ, key="appium_url")),
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
        _read(_top(file), file, targets, casts, providers)
    if more is not None:
        top = _top(more)
        top.has("night")  # which is the nightly job's own
        _read(top, more.absolute(), targets, casts, providers, unsound)
    return Targets(by_name=targets, casts=casts, unsound=unsound, providers=providers)


def _top(file: Path) -> Table:
    try:
        return Table(read_toml(file), file, "")
    except FileNotFoundError as error:
        raise UsageError(f"there is no {file}: name a file of targets") from error


def _read(
    top: Table,
    file: Path,
    targets: dict[str, Target],
    casts: dict[str, Mapping[str, str]],
    providers: Providers,
    unsound: dict[str, str] | None = None,
) -> None:
    """Add a file's targets and casts; where `unsound` is given, it takes what is wrong with a target."""
    for name, table in top.values_by_name("targets").items():
        inner = top.inner("targets", name, table)
        try:
            target = _target(name, inner, file)
            _check_provider(target, inner, providers)
            targets[name] = target
        except SetupError as problem:
            if unsound is None:
                raise
            unsound[name] = str(problem)
    known = {*targets, *(unsound or ())}
    for name, table in top.named_tables("casts").items():
        casts[name] = _cast(table, known)
    top.refuse_the_rest()


def _target(name: str, table: Table, file: Path) -> Target:
    app = table.path("app") if table.has("app") else None
    target = Target(
        name=name,
        platform=cast(Platform, table.one_of("platform", PLATFORMS)),
        browser=table.text_or_none("browser"),
        app=app if app is None or "://" in app else str(file.parent / app),
        app_id=table.text_or_none("app_id"),
        activity=table.text_or_none("activity"),
        devices=table.texts("devices", ()),
        appium_url=table.text_or_none("appium_url"),
        capabilities=table.tree("capabilities"),
        pixel_ratio=table.number_or_none("pixel_ratio"),
        links=table.text_or_none("links"),
        permissions=cast(Permissions, table.one_of("permissions", ("allow", "deny", "ask"), "allow")),
        system_names=_system_names(table),
        frames=cast(FrameKind, table.one_of("frames", ("mjpeg", "screenshots")))
        if table.has("frames")
        else None,
        timeout=table.number("timeout", 10.0),
        start_timeout=table.number_or_none("start_timeout"),
        theme=cast(Theme, table.one_of("theme", ("light", "dark"), "light")),
        stand_in=table.flag("stand_in"),
        stand_ins=table.whole("stand_ins", STAND_INS, most=16),
        provider=table.text_or_none("provider"),
        provider_options=table.tree("provider_options"),
        file=file.name,
    )
    table.refuse_the_rest()
    _check(target, table)
    return target


def _system_names(table: Table) -> SystemNames:
    names = table.table("system_names")
    found = SystemNames(**{each.name: names.texts(each.name, ()) for each in fields(SystemNames)})
    names.refuse_the_rest()
    return found


def _check(target: Target, table: Table) -> None:
    if not _NAME.fullmatch(target.name):
        raise table.error("platform", f"{target.name!r:.80} is no name: small letters, digits, - and _ only")
    if target.pixel_ratio is not None and not 0 < target.pixel_ratio <= 10:
        raise table.error("pixel_ratio", "a device's is a positive number such as 2.625")
    if target.start_timeout is not None and target.start_timeout <= 0:
        raise table.error("start_timeout", "must be more than 0 seconds")
    if target.timeout <= 0:
        raise table.error("timeout", "must be more than 0 seconds")
    _check_keys(target, table)


def _check_provider(target: Target, table: Table, providers: Providers) -> None:
    """Refuse a provider there is none of, and what it doesn't know."""
    if target.provider is None:
        if table.has("provider_options"):
            raise table.error("provider_options", "has no meaning without a provider: name one")
        return
    try:
        provider_of(target, providers)
    except UnfitSetting as problem:
        raise table.error(problem.key, str(problem)) from problem


def _filled_table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    return cast(Mapping[str, object], filled(table, os.environ, key=key))


def _check_keys(target: Target, table: Table) -> None:
    """Refuse what has no meaning on the target's platform."""
    for key, set_, platform, why in (
        ("stand_in", target.stand_in, "android", "there is a stand-in for Android only"),
        ("theme", target.theme != "light", "web", "a device has its own: set it there, and leave this out"),
    ):
        if set_ and target.platform != platform:
            raise table.error(key, why)
    if table.has("system_names") and target.platform not in {"android", "ios"}:
        raise table.error("system_names", "has no meaning without a phone: leave it out")
    native = {"app": target.app, "app_id": target.app_id, "activity": target.activity, "links": target.links}
    for key, value in native.items():
        if value is not None and target.shows_web_build:
            raise table.error(key, "has no meaning where the web build is shown: leave it out")
    if target.platform == "web":
        for key in ("appium_url", "devices", "capabilities", "frames"):
            if table.has(key):
                raise table.error(key, "has no meaning on the web, which Playwright drives: leave it out")


def _cast(table: Table, targets: Collection[str]) -> Mapping[str, str]:
    actors = table.texts_by_key()
    for actor, name in actors.items():
        if name not in targets:
            raise table.error(actor, f"unknown target {name!r:.80}: {nearest(name, targets)}")
    return actors
