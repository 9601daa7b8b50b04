"""Clouds with devices: BrowserStack, Sauce Labs, AWS Device Farm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import ClassVar
from urllib.parse import quote

from journeys.devices.providers.questions import Question, ask
from journeys.devices.providers.servers import ask_status
from journeys.devices.providers.settings import (
    address,
    api_address,
    credentials,
    device_capabilities,
    option,
    options_but,
    with_template,
)
from journeys.errors import InfrastructureError, SetupError, name_nearest
from journeys.targets import Provider, Target, UnfitSetting

BROWSERSTACK_HUB = "https://hub-cloud.browserstack.com/wd/hub"
BROWSERSTACK_API = "https://api-cloud.browserstack.com"
BROWSERSTACK_IDLE_TIMEOUT_S = 300
"""An actor may have nothing to do for longer than the usual minute and a half."""

MAX_REASON_CHARACTERS = 255
"""Of a reason, how many BrowserStack's pages take."""

SAUCE_REGIONS = ("us-west-1", "us-east-4", "eu-central-1")
SAUCE_IDLE_TIMEOUT_S = 90
"""After that long without a command a session on a real device ends: more is not allowed."""

AWS_ENDPOINT = "AWS_DEVICE_FARM_APPIUM_URL"
AWS_HOST_APPIUM = "http://127.0.0.1:4723"
"""Where the test spec starts Appium on the test host."""


class BrowserStack(Provider):
    """App Automate: phones in BrowserStack's cloud.

    The options are those of `bstack:options`, and the device.
    """

    name = "browserstack"
    options: ClassVar[Mapping[str, type]] = {
        **dict.fromkeys(("url", "api_url", "deviceName", "platformVersion", "appiumVersion"), str),
        **dict.fromkeys(("projectName", "buildName", "sessionName", "buildTag", "localIdentifier"), str),
        **dict.fromkeys(("local", "debug", "networkLogs"), bool),
        "idleTimeout": int,
    }
    by_id = False
    prefixes = frozenset({"bstack", "browserstack"})
    variables = ("BROWSERSTACK_USERNAME", "BROWSERSTACK_ACCESS_KEY")

    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:
        """Name device and account, and the session after the target."""
        url = address(target, BROWSERSTACK_HUB)
        user, key = credentials(self, environment, to=url)
        own = {
            "sessionName": target.name,
            "idleTimeout": BROWSERSTACK_IDLE_TIMEOUT_S,
            **options_but(target, "url", "api_url", "deviceName", "platformVersion"),
            "userName": user,
            "accessKey": key,
        }
        device = device_capabilities(target, "deviceName", "platformVersion")
        return with_template(target, url, {"bstack:options": own, **device})

    def check(self, target: Target, environment: Mapping[str, str]) -> None:
        """Ask for the plan: who we are, and whether there is room for a session."""
        api = api_address(target, BROWSERSTACK_API)
        answer = ask(
            Question(
                target=target.name,
                who="BrowserStack",
                url=f"{api}/app-automate/plan.json",
                login=credentials(self, environment, to=api),
                fix=f"set {' and '.join(self.variables)} to the account's",
            )
        )
        plan = answer if isinstance(answer, dict) else {}
        allowed, running = plan.get("parallel_sessions_max_allowed"), plan.get("parallel_sessions_running")
        waiting, queue = plan.get("queued_sessions"), plan.get("queued_sessions_max_allowed")
        if allowed == 0:
            raise SetupError(
                f"{target.name}: BrowserStack's plan allows no session: look at the account's plan"
            )
        if _is_full(running, allowed) and _is_full(waiting, queue):
            raise InfrastructureError(
                f"{target.name}: BrowserStack's quota is used up ({running} of {allowed} sessions run and "
                f"{waiting} of {queue} wait): try again later, or run fewer side by side"
            )

    def mark(self, *, passed: bool, reason: str) -> str:
        """Return the call that sets a session's status."""
        status = {"status": "passed" if passed else "failed", "reason": reason[:MAX_REASON_CHARACTERS]}
        return f"browserstack_executor: {json.dumps({'action': 'setSessionStatus', 'arguments': status})}"


class SauceLabs(Provider):
    """Phones in Sauce Labs' real device cloud, emulators and simulators.

    The options are those of `sauce:options`, the device, and the data centre.
    """

    name = "saucelabs"
    options: ClassVar[Mapping[str, type]] = {
        **dict.fromkeys(("url", "api_url", "region", "deviceName", "platformVersion", "appiumVersion"), str),
        **dict.fromkeys(("name", "build", "deviceOrientation", "deviceType"), str),
        **dict.fromkeys(("tunnelName", "tunnelOwner", "timeZone"), str),
        **dict.fromkeys(("phoneOnly", "tabletOnly", "privateDevicesOnly", "publicDevicesOnly"), bool),
        **dict.fromkeys(("recordVideo", "recordScreenshots"), bool),
        "tags": list,
        "maxDuration": int,
    }
    by_id = False
    prefixes = frozenset({"sauce"})
    variables = ("SAUCE_USERNAME", "SAUCE_ACCESS_KEY")

    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:
        """Name device and account, and the session after the target."""
        url = address(target, f"https://ondemand.{_sauce_region(target)}.saucelabs.com/wd/hub")
        user, key = credentials(self, environment, to=url)
        own = {
            "name": target.name,
            **options_but(target, "url", "api_url", "region", "deviceName", "platformVersion"),
            "username": user,
            "accessKey": key,
        }
        device = device_capabilities(target, "deviceName", "platformVersion")
        wanted = {"sauce:options": own, "appium:newCommandTimeout": SAUCE_IDLE_TIMEOUT_S, **device}
        return with_template(target, url, wanted)

    def check(self, target: Target, environment: Mapping[str, str]) -> None:
        """Ask how many sessions the account may have: who we are, and whether there is a plan at all."""
        api = api_address(target, f"https://api.{_sauce_region(target)}.saucelabs.com")
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
        for key in ("concurrency", "organization", "allowed"):
            answer = answer.get(key) if isinstance(answer, dict) else None
        if isinstance(answer, dict) and not any(answer.get(kind) for kind in ("rds", "vms", "mac_vms")):
            raise SetupError(f"{target.name}: Sauce Labs' plan allows no session: look at the account's plan")

    def mark(self, *, passed: bool, reason: str) -> str:  # noqa: ARG002 - its pages take none on real devices
        """Return the call that sets a session's result."""
        return f"sauce:job-result={'passed' if passed else 'failed'}"


class AwsDeviceFarm(Provider):
    """On its test host the phone, the app and Appium are those of the run; elsewhere a remote session's."""

    name = "aws-device-farm"
    options: ClassVar[Mapping[str, type]] = {"url": str}
    prefixes = frozenset[str]()
    variables = (AWS_ENDPOINT,)

    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:
        """Take the phone of the test host, else the endpoint that the environment names."""
        phone = environment.get("DEVICEFARM_DEVICE_UDID")
        if phone is not None:
            platform = environment.get("DEVICEFARM_DEVICE_PLATFORM_NAME", "").casefold()
            if platform and platform != target.platform:
                raise UnfitSetting(
                    "platform", f"this test host of AWS Device Farm has a phone with {platform}"
                )
            # The endpoint's app, or one named by its id, needs no file.
            app = target.app or environment.get("DEVICEFARM_APP_PATH")
            return with_template(target, address(target, AWS_HOST_APPIUM), {}, app=app, devices=(phone,))
        endpoint = environment.get(AWS_ENDPOINT)
        if not endpoint and target.appium_url is None and "url" not in target.provider_options:
            raise UnfitSetting(
                "provider",
                f"{self.name}: there is no phone here: run it on Device Farm's test host, with what "
                f"`journeys farm test-spec` prints, or set {AWS_ENDPOINT} to the Appium endpoint of a remote "
                "access session",
            )
        return with_template(target, address(target, endpoint), {})

    def check(self, target: Target, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - none needed
        """Ask for the server's status."""
        ask_status(target, "AWS Device Farm's Appium", closed=True)


def aws_test_spec(target: str = "aws") -> str:
    """Return the test spec file (YAML) with which AWS Device Farm plays journeys on a target's phone."""
    spec = files(__package__).joinpath("aws_test_spec.yml").read_text(encoding="utf-8")
    return spec.replace("--target aws ", f"--target {target} ")


def _is_full(taken: object, of: object) -> bool:
    return isinstance(taken, int) and isinstance(of, int) and taken >= of


def _sauce_region(target: Target) -> str:
    region = option(target, "region") or SAUCE_REGIONS[0]
    if region not in SAUCE_REGIONS:
        raise UnfitSetting(
            "provider_options.region", f"unknown region {region!r:.80}: {name_nearest(region, SAUCE_REGIONS)}"
        )
    return region
