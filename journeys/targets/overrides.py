"""What the command line says of devices, in the place of what targets.toml says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from flutter_bridge import is_server_address
from journeys.errors import UsageError
from journeys.targets.file import NO_ADDRESS, Targets
from journeys.targets.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The app, the devices and the Appium server named on the command line; they hold for every phone."""

    app: str | None = None
    devices: tuple[str, ...] = ()
    appium_url: str | None = None

    def applied(self, targets: Targets) -> Targets:
        """Return the targets with these settings in the place of their own."""
        if self.appium_url is not None and not is_server_address(self.appium_url):
            raise UsageError(f"--appium-url {NO_ADDRESS}")
        return replace(
            targets, by_name={name: self._apply(target) for name, target in targets.by_name.items()}
        )

    def check_used(self, targets: Iterable[Target]) -> None:
        """Refuse settings that none of the targets to be played on has any use for."""
        played = list(targets)
        names = ", ".join(dict.fromkeys(target.name for target in played))
        uses = {
            "app": (self.app, any(self._takes_app(target) for target in played)),
            "device": (self.devices, any(target.platform in {"android", "ios"} for target in played)),
            "appium-url": (self.appium_url, any(target.through_appium for target in played)),
        }
        for option, (given, used) in uses.items():
            if given and not used:
                raise UsageError(f"--{option} has no meaning on {names}: name a target that is a phone's")

    def _apply(self, target: Target) -> Target:
        if self.app is not None and self._takes_app(target):
            file = Path(self.app).absolute()
            if "://" not in self.app and not file.is_file():
                raise UsageError(f"--app {self.app}: there is no such file")
            target = replace(target, app=self.app if "://" in self.app else str(file))
        if self.devices and target.platform in {"android", "ios"}:
            target = replace(target, devices=self.devices)
        if self.appium_url is not None and target.through_appium:
            target = replace(target, appium_url=self.appium_url)
        return target

    @staticmethod
    def _takes_app(target: Target) -> bool:
        return target.platform in {"android", "ios"} and not target.shows_web_build
