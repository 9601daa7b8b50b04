"""Where devices come from: small templates for Appium servers, grids and clouds, and a check of each."""

from __future__ import annotations

import os
from collections.abc import Mapping

from journeys.devices.providers.clouds import AwsDeviceFarm, BrowserStack, SauceLabs, aws_test_spec
from journeys.devices.providers.questions import clock_skew, hide_secrets
from journeys.devices.providers.servers import AppiumServer, DeviceFarm, SeleniumGrid
from journeys.errors import JourneysError, SetupError
from journeys.redaction import Redaction, secrets_in
from journeys.targets import Provider, Target, UnfitSetting

__all__ = ["PROVIDERS", "aws_test_spec", "check_provider", "clock_skew", "hide_secrets"]

PROVIDERS: Mapping[str, Provider] = {
    each.name: each
    for each in (AppiumServer(), SeleniumGrid(), DeviceFarm(), BrowserStack(), SauceLabs(), AwsDeviceFarm())
}
"""The providers by name."""


def check_provider(target: Target) -> None:
    """Ask the provider of a target one cheap question.

    Raises `SetupError` or `InfrastructureError` in one line without a secret: wrong credentials, a quota
    that is used up, an answer of 5xx or a web page, silence, a clock that is off.
    """
    provider = PROVIDERS[target.provider or ""]
    try:
        provider.check(target, os.environ)
    except UnfitSetting as problem:
        raise SetupError(f"{target.name}: {problem}") from problem
    except JourneysError as problem:
        secrets = secrets_in(os.environ, provider.variables)
        raise type(problem)(Redaction(secrets).text(str(problem))) from problem
