"""A target: a place where the app runs, what has to be known to open it there, and who gives its devices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import msgspec

from flutter_bridge import SystemNames
from journeys.documents import quote_value
from journeys.errors import name_nearest
from journeys.toml_file import FilePath

Platform = Literal["web", "android", "ios", "chromium"]
"""`web` is a browser through Playwright, `chromium` one through Appium; on a phone's platform `browser` may
name one of its own."""

Theme = Literal["light", "dark"]
Permissions = Literal["allow", "deny", "ask"]
FrameKind = Literal["mjpeg", "screenshots"]

APPIUM: frozenset[Platform] = frozenset({"android", "ios", "chromium"})
"""The platforms that are driven through Appium."""

FILE = "targets.toml"

StandIns = Annotated[int, msgspec.Meta(ge=1, le=16, description="a whole number from 1 to 16")]

STAND_INS = 4
"""How many stand-ins there are where nothing else is said: no journey of ours has more people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target; `docs/reference/targets.md` says what each field means.

    `app` is a file to install, `app_id` the id of what is installed (Android's package, iOS's bundle id) and
    `activity` the Android activity that starts it. `devices` are the ids of the devices to use, none for
    those found. `capabilities` are added to those we set, with secrets filled in. `links` is what stands
    before a path in a deep link. `system_names` are what the device's own dialogs and pickers call things.
    `theme` is what the browser says people prefer. `stand_in` allows stand-in devices, `stand_ins` of them or
    more, where no device is there, `strict` ones by default. `provider` is who gives the devices, and `file`
    where the target is written down.
    """

    name: str
    platform: Platform = "web"
    browser: str | None = None
    app: FilePath | None = None
    app_id: str | None = None
    activity: str | None = None
    devices: tuple[str, ...] = ()
    # Not shown: there may be a secret in them.
    appium_url: str | None = field(default=None, repr=False)
    capabilities: Mapping[str, object] = field(default_factory=dict, repr=False)
    pixel_ratio: float | None = None
    links: str | None = None
    permissions: Permissions = "allow"
    system_names: SystemNames = field(default_factory=SystemNames)
    frames: FrameKind | None = None
    timeout: float = 10.0
    start_timeout: float | None = None
    theme: Theme = "light"
    stand_in: bool = False
    stand_ins: StandIns = STAND_INS
    strict: bool = True
    provider: str | None = None
    provider_options: Mapping[str, object] = field(default_factory=dict, repr=False)
    file: str = FILE

    @property
    def uses_appium(self) -> bool:
        """Whether it is driven through Appium."""
        return self.platform in APPIUM

    @property
    def shows_web_build(self) -> bool:
        """Whether it shows the app's web build, in whatever browser."""
        return self.platform in {"web", "chromium"} or self.browser is not None


WITHOUT_APPIUM: Mapping[str, str] = {
    "firebase": "Firebase Test Lab runs instrumentation tests, Robo and game loops, and no Appium: "
    "play journeys on another provider"
}
"""Providers that are asked for and can't be had, and why."""

OPTION_TYPES: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    list: "a list of strings",
}
"""The types an option may have, and what they are called."""

COMMON_PREFIXES = frozenset({"appium", "goog", "moz", "ms", "safari", "webkit", "wdio", "webauthn"})
"""The prefixes of capabilities that are no provider's own."""


class UnfitSetting(Exception):
    """A setting can't be used; `key` says which, the text what is wrong and what to do."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


class Provider(ABC):
    """A provider of devices: makes Appium's address and capabilities of a target's settings.

    `name` is what `provider = "…"` calls it, `options` those it takes with the type of each, `platforms`
    those it has devices of. `by_id`: a device can be asked for by its id. `prefixes` are the vendors'
    prefixes of capabilities it understands besides Appium's, None: any. `variables` are the environment
    variables that its credentials come from.
    """

    name: ClassVar[str]
    options: ClassVar[Mapping[str, type]]
    platforms: ClassVar[frozenset[str]] = frozenset({"android", "ios"})
    by_id: ClassVar[bool] = True
    prefixes: ClassVar[frozenset[str] | None] = None
    variables: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:
        """Return the target with address and capabilities; raises `UnfitSetting`. Nothing is asked yet."""

    @abstractmethod
    def check(self, target: Target, environment: Mapping[str, str]) -> None:
        """Ask the provider one cheap question about an expanded target.

        Raises `SetupError` for what somebody has to set right (credentials, a plan that ended, an address)
        and `InfrastructureError` for what may pass (5xx, too many requests, silence).
        """

    def mark(self, *, passed: bool, reason: str) -> str | None:  # noqa: ARG002 - most have no marks
        """Return the script that shows in the provider's own pages how a session went; None: it has none."""
        return None


Providers = Callable[[], Mapping[str, Provider]]
"""Gives the providers there are, by name; asked only where a target names one."""


def provider_of(target: Target, providers: Providers) -> Provider:
    """Return a target's provider; raises `UnfitSetting` for an unknown one and for what it can't do with."""
    name = target.provider or ""
    known = providers()
    provider = known.get(name)
    if provider is None:
        why = WITHOUT_APPIUM.get(name) or f"unknown provider {name!r:.80}: {name_nearest(name, known)}"
        raise UnfitSetting("provider", why)
    if target.platform == "web":
        raise UnfitSetting("provider", "has no meaning on the web, which Playwright drives: leave it out")
    for key, value in target.provider_options.items():
        _check_option(provider, key, value)
    if target.platform not in provider.platforms:
        there = " or ".join(sorted(provider.platforms))
        raise UnfitSetting("platform", f"{name} has none of {target.platform}, only {there}")
    if target.devices and not provider.by_id:
        raise UnfitSetting(
            "devices", f"{name} knows no ids of devices: name one by deviceName in its options"
        )
    if provider.prefixes is not None:
        _check_prefixes(name, target.capabilities, provider.prefixes | COMMON_PREFIXES)
    return provider


def _check_option(provider: Provider, key: str, value: object) -> None:
    kind = provider.options.get(key)
    where = f"provider_options.{key}"
    if kind is None:
        raise UnfitSetting(where, f"unknown option of {provider.name}: {name_nearest(key, provider.options)}")
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not right or (isinstance(value, list) and not all(isinstance(each, str) for each in value)):
        raise UnfitSetting(where, f"expected {OPTION_TYPES[kind]}, found {quote_value(value)}")


def _check_prefixes(name: str, capabilities: Mapping[str, object], known: frozenset[str]) -> None:
    for capability in capabilities:
        prefix, colon, _ = capability.partition(":")
        if colon and prefix not in known:
            raise UnfitSetting(
                f"capabilities.{capability}",
                f"{name} knows no capabilities of {prefix!r:.80}: "
                f"{name_nearest(f'{prefix}:', (f'{each}:' for each in known))}",
            )
