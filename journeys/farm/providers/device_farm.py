"""The plugin appium-device-farm: an Appium server that hands out the devices of one or several hosts."""

from __future__ import annotations

from collections.abc import Mapping

from journeys.farm.providers.appium_server import status
from journeys.farm.providers.provider import PHONES, Provided, Template, Unfit
from journeys.farm.providers.settings import address, chosen

KEY, TOKEN = "DEVICE_FARM_ACCESS_KEY", "DEVICE_FARM_TOKEN"


class DeviceFarm:
    """The plugin waits for a free device; its options are those of `df:options`."""

    name = "device-farm"
    options: Mapping[str, type] = {
        "url": str,
        "platformVersion": str,
        "build": str,
        "recordVideo": bool,
        "videoTimeLimit": int,
        "iPhoneOnly": bool,
        "iPadOnly": bool,
        "deviceAvailabilityTimeout": int,
        "deviceRetryInterval": int,
        "minSDK": str,
        "maxSDK": str,
        "filterByHost": str,
        "saveDeviceLogs": bool,
        "tags": list,
    }
    platforms = PHONES
    by_id = True
    prefixes: frozenset[str] | None = frozenset({"df"})
    variables: tuple[str, ...] = (KEY, TOKEN)

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:
        """Name the devices to choose from, and say who asks where the plugin wants to know."""
        chosen_ones = chosen(target, "url", "platformVersion")
        if target.devices:
            chosen_ones["udids"] = ",".join(target.devices)
        wanted: dict[str, object] = {"df:options": chosen_ones} if chosen_ones else {}
        if "platformVersion" in target.provider_options:
            wanted["appium:platformVersion"] = target.provider_options["platformVersion"]
        given = [name for name in self.variables if environment.get(name)]
        if len(given) == 1:
            other = TOKEN if given == [KEY] else KEY
            raise Unfit("provider", f"{self.name}: {given[0]} is set in the environment, and {other} is not")
        if given:
            wanted |= {"df:accesskey": environment[KEY], "df:token": environment[TOKEN]}
        # The plugin picks one of them for each session: a device of ours would be one of its own to Appium.
        return Template(appium_url=address(target), capabilities=wanted, devices=())

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - not told here
        """Ask for the server's status; who asks is looked at by the session."""
        status(target, "appium-device-farm")
