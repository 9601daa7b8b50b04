"""Servers of one's own that hand out devices: Appium, a Selenium Grid, the plugin appium-device-farm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from flutter_bridge import login_in, without_login
from journeys.devices.providers.questions import Question, ask, hide_secrets
from journeys.devices.providers.settings import (
    address,
    device_capabilities,
    option,
    options_but,
    with_template,
)
from journeys.documents import one_line
from journeys.errors import InfrastructureError, SetupError
from journeys.targets import Provider, Target, UnfitSetting

SLOT_BROWSERS: Mapping[str, frozenset[str]] = {"chrome": frozenset({"chrome", "chromium"})}
"""What else a Grid's slot may call a browser."""

ACCESS_KEY, TOKEN = "DEVICE_FARM_ACCESS_KEY", "DEVICE_FARM_TOKEN"


class AppiumServer(Provider):
    """Any server that speaks Appium's protocol and tells its status: the plainest provider."""

    name = "appium"
    options: ClassVar[Mapping[str, type]] = {"url": str}
    platforms = Provider.platforms | {"chromium"}

    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:  # noqa: ARG002 - none needed
        """Take the address; the capabilities are the target's own."""
        return with_template(target, address(target), {})

    def check(self, target: Target, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - as above
        """Ask for the server's status."""
        # It may be kept for sessions, whose capabilities say who asks.
        ask_status(target, "Appium", closed=True)


class SeleniumGrid(Provider):
    """A Grid 4 whose nodes relay to Appium servers, or have browsers of their own.

    It queues sessions, and gives each to a free slot whose stereotype fits its capabilities.
    """

    name = "grid"
    options: ClassVar[Mapping[str, type]] = {"url": str, "name": str}
    platforms = Provider.platforms | {"chromium"}
    prefixes = frozenset({"se", "journeys"})

    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:  # noqa: ARG002 - none needed
        """Take the Grid's address, and name the session for its console."""
        return with_template(target, address(target), {"se:name": option(target, "name") or target.name})

    def check(self, target: Target, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - as above
        """Ask whether a node is up that has a slot for the target; busy ones will do, the Grid queues."""
        nodes = ask_status(target, "Selenium Grid").get("nodes")
        up = [
            node
            for node in (nodes if isinstance(nodes, list) else [])
            if isinstance(node, dict) and node.get("availability") == "UP"
        ]
        if not up:
            raise InfrastructureError(f"{target.name}: the Selenium Grid has no node that is up: start one")
        slots = list(_stereotypes(up))
        if not any(_fits(target, slot) for slot in slots):
            wanted = f"{target.browser} on {target.platform}" if target.browser else target.platform
            there = ", ".join(sorted({_describe(slot) for slot in slots})[:20])
            raise SetupError(
                f"{target.name}: the Selenium Grid has no slot for {wanted}, only for {there}: "
                "correct the target's platform, or a node's stereotype"
            )


class DeviceFarm(Provider):
    """An Appium server whose plugin hands out the devices of one or several hosts, and waits for a free one.

    The options are those of `df:options`.
    """

    name = "device-farm"
    options: ClassVar[Mapping[str, type]] = {
        **dict.fromkeys(("url", "platformVersion", "build", "minSDK", "maxSDK", "filterByHost"), str),
        **dict.fromkeys(("recordVideo", "iPhoneOnly", "iPadOnly", "saveDeviceLogs"), bool),
        **dict.fromkeys(("videoTimeLimit", "deviceAvailabilityTimeout", "deviceRetryInterval"), int),
        "tags": list,
    }
    prefixes = frozenset({"df"})
    variables = (ACCESS_KEY, TOKEN)

    def expand(self, target: Target, environment: Mapping[str, str]) -> Target:
        """Name the devices to choose from, and say who asks where the plugin wants to know."""
        chosen = options_but(target, "url", "platformVersion")
        if target.devices:
            chosen["udids"] = ",".join(target.devices)
        wanted: dict[str, object] = {"df:options": chosen} if chosen else {}
        wanted |= device_capabilities(target, "platformVersion")
        present = [name for name in self.variables if environment.get(name)]
        if len(present) == 1:
            (missing,) = {*self.variables} - {*present}
            raise UnfitSetting(
                "provider", f"{self.name}: {present[0]} is set in the environment, and {missing} is not"
            )
        if present:
            wanted |= {"df:accesskey": environment[ACCESS_KEY], "df:token": environment[TOKEN]}
        # The plugin picks one of them for each session: a device of ours would be one of its own to Appium.
        return with_template(target, address(target), wanted, devices=())

    def check(self, target: Target, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - not told here
        """Ask for the server's status; who asks is looked at by the session."""
        ask_status(target, "appium-device-farm")


def ask_status(target: Target, who: str, *, closed: bool = False) -> Mapping[str, Any]:
    """Return what a WebDriver server says of itself; raises `SetupError` where what answers is none.

    Where it may be `closed` to us, and is, it says nothing.
    """
    url = address(target)
    login = login_in(url)
    question = Question(
        target=target.name,
        who=who,
        url=f"{without_login(url)}/status",
        login=login,
        closed=closed and login is None,
    )
    answer = ask(question)
    if answer is None and question.closed:
        return {}
    value = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(value, dict):
        raise SetupError(
            f"{target.name}: what answers at {hide_secrets(url)} is no {who}: is the address right?"
        )
    return value


def _stereotypes(nodes: list[dict[str, Any]]) -> Iterator[Mapping[str, object]]:
    for node in nodes:
        slots = node.get("slots")
        for slot in slots if isinstance(slots, list) else ():
            if isinstance(slot, dict) and isinstance(slot.get("stereotype"), dict):
                yield slot["stereotype"]


def _fits(target: Target, stereotype: Mapping[str, object]) -> bool:
    """Whether a slot could be one for the target: it is, unless it surely is for something else.

    A Grid gives a session that asks for no browser to slots that name one, as those of phones often do, and
    has matching of its own where a project brings one.
    """
    platform = _value(stereotype, "platformName")
    if target.platform in Provider.platforms and platform not in {target.platform, "", "any"}:
        return False
    browser = "chrome" if target.platform == "chromium" else (target.browser or "").casefold()
    offered = _value(stereotype, "browserName")
    return not browser or not offered or offered in SLOT_BROWSERS.get(browser, {browser})


def _value(stereotype: Mapping[str, object], name: str) -> str:
    return str(stereotype.get(name) or stereotype.get(f"appium:{name}") or "").casefold()


def _describe(stereotype: Mapping[str, object]) -> str:
    browser, platform = stereotype.get("browserName"), str(stereotype.get("platformName", "any")).lower()
    return one_line(f"{browser} on {platform}" if browser else platform)[:60]
