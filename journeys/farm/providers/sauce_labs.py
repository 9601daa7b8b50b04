"""Sauce Labs: phones in Sauce Labs' real device cloud, emulators and simulators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from journeys.errors import SetupError, nearest
from journeys.farm.providers.asking import Question, ask
from journeys.farm.providers.provider import PHONES, Provided, Template, Unfit
from journeys.farm.providers.settings import address, api_address, chosen, credentials, option

REGIONS = ("us-west-1", "us-east-4", "eu-central-1")

IDLE = 90
"""Seconds without a command after which a session on a real device ends, at most."""


class SauceLabs:
    """The options are those of `sauce:options`, the device, and the data centre."""

    name = "saucelabs"
    options: Mapping[str, type] = {
        "url": str,
        "api_url": str,
        "region": str,
        "deviceName": str,
        "platformVersion": str,
        "appiumVersion": str,
        "name": str,
        "build": str,
        "tags": list,
        "deviceOrientation": str,
        "deviceType": str,
        "phoneOnly": bool,
        "tabletOnly": bool,
        "privateDevicesOnly": bool,
        "publicDevicesOnly": bool,
        "maxDuration": int,
        "tunnelName": str,
        "tunnelOwner": str,
        "timeZone": str,
        "recordVideo": bool,
        "recordScreenshots": bool,
    }
    platforms = PHONES
    by_id = False
    prefixes: frozenset[str] | None = frozenset({"sauce"})
    variables: tuple[str, ...] = ("SAUCE_USERNAME", "SAUCE_ACCESS_KEY")

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:
        """Name device and account, and the session after the target."""
        url = address(target, f"https://ondemand.{_region(target)}.saucelabs.com/wd/hub")
        user, key = credentials(self, environment, to=url)
        own: dict[str, object] = {
            "name": target.name,
            **chosen(target, "url", "api_url", "region", "deviceName", "platformVersion"),
            "username": user,
            "accessKey": key,
        }
        # More is not allowed on real devices: a longer wait for an actor ends the session.
        wanted: dict[str, object] = {"sauce:options": own, "appium:newCommandTimeout": IDLE}
        for each in ("deviceName", "platformVersion"):
            if each in target.provider_options:
                wanted[f"appium:{each}"] = target.provider_options[each]
        return Template(appium_url=url, capabilities=wanted)

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:
        """Ask how many sessions the account may have: who we are, and whether there is a plan at all."""
        api = api_address(target, f"https://api.{_region(target)}.saucelabs.com")
        login = credentials(self, environment, to=api)
        answer = ask(
            Question(
                target=target.name,
                who="Sauce Labs",
                url=f"{api}/rest/v1.2/users/{quote(login[0], safe='')}/concurrency",
                login=login,
                fix=f"set {' and '.join(self.variables)} to the account's, and region to its data centre",
            )
        )
        allowed = _at(answer, "concurrency", "organization", "allowed")
        if isinstance(allowed, dict) and not any(allowed.get(kind) for kind in ("rds", "vms", "mac_vms")):
            raise SetupError(f"{target.name}: Sauce Labs' plan allows no session: look at the account's plan")

    def mark(self, *, passed: bool, reason: str) -> str:  # noqa: ARG002 - its pages take none on real devices
        """Return the call that sets a session's result."""
        return f"sauce:job-result={'passed' if passed else 'failed'}"


def _region(target: Provided) -> str:
    region = option(target, "region") or REGIONS[0]
    if region not in REGIONS:
        raise Unfit("provider_options.region", f"unknown region {region!r:.80}: {nearest(region, REGIONS)}")
    return region


def _at(answer: Any, *keys: str) -> Any:
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer
