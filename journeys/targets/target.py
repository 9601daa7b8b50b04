"""A target: a place where the app runs, and all that has to be known to open it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

from flutter_bridge import SystemNames
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
    more, where no device is there. `provider` is who gives the devices, and `file` where the target is
    written down.
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
