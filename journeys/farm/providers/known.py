"""The providers there are, and what is done with the one a target names."""

from __future__ import annotations

import os
from collections.abc import Mapping

from journeys.errors import JourneysError, SetupError, nearest
from journeys.farm.providers.appium_server import AppiumServer
from journeys.farm.providers.aws_device_farm import AwsDeviceFarm
from journeys.farm.providers.browserstack import BrowserStack
from journeys.farm.providers.device_farm import DeviceFarm
from journeys.farm.providers.provider import MarksSessions, Provided, Provider, Template, Unfit
from journeys.farm.providers.sauce_labs import SauceLabs
from journeys.farm.providers.selenium_grid import SeleniumGrid
from journeys.farm.providers.settings import check_known
from journeys.redaction import Redaction, secrets_in

PROVIDERS: Mapping[str, Provider] = {
    each.name: each
    for each in (AppiumServer(), SeleniumGrid(), DeviceFarm(), BrowserStack(), SauceLabs(), AwsDeviceFarm())
}
"""The providers by name."""

WITHOUT_APPIUM: Mapping[str, str] = {
    "firebase": "Firebase Test Lab runs instrumentation tests, Robo and game loops, and no Appium: "
    "play journeys on another provider"
}
"""Those that are asked for and can't be had, and why."""


def check_settings(target: Provided) -> Provider:
    """Return a target's provider; raises `Unfit` for an unknown one, and for a setting it doesn't know."""
    provider = _named(target.provider or "")
    if target.platform == "web":
        raise Unfit("provider", "has no meaning on the web, which Playwright drives: leave it out")
    check_known(provider, target)
    return provider


def template(target: Provided, environment: Mapping[str, str]) -> Template:
    """Return what a target's provider makes of it; raises `Unfit`. Nothing is asked over the network.

    Capabilities that the target has itself stand in the place of the provider's; two tables are joined.
    """
    made = check_settings(target).expand(target, environment)
    return Template(
        appium_url=made.appium_url,
        capabilities=_joined(made.capabilities, target.capabilities),
        app=made.app,
        devices=made.devices,
    )


def check(target: Provided, environment: Mapping[str, str] | None = None) -> None:
    """Ask the provider of an expanded target one cheap question; does nothing for a target without one.

    Raises `SetupError` or `InfrastructureError` in one line without a secret: wrong credentials, a quota
    that is used up, an answer of 5xx or a web page, silence, a clock that is off.
    """
    if target.provider is None:
        return
    known = os.environ if environment is None else environment
    try:
        provider = _named(target.provider)
        provider.check(target, known)
    except Unfit as problem:
        raise SetupError(f"{target.name}: {problem}") from problem
    except JourneysError as problem:
        secrets = secrets_in(known, PROVIDERS[target.provider].variables)
        raise type(problem)(Redaction(secrets).text(str(problem))) from problem


def mark(name: str, *, passed: bool, reason: str) -> str | None:
    """Return the script that marks a session in a provider's own pages; None where it has no marks."""
    provider = PROVIDERS.get(name)
    return provider.mark(passed=passed, reason=reason) if isinstance(provider, MarksSessions) else None


def _named(name: str) -> Provider:
    provider = PROVIDERS.get(name)
    if provider is None:
        why = WITHOUT_APPIUM.get(name) or f"unknown provider {name!r:.80}: {nearest(name, PROVIDERS)}"
        raise Unfit("provider", why)
    return provider


def _joined(made: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    joined = dict(made)
    for name, value in own.items():
        before = joined.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        joined[name] = {**before, **value} if both else value  # type: ignore[dict-item]  # both are tables
    return joined
