"""A Selenium Grid 4 whose nodes relay to Appium servers, or have browsers of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from journeys.documents import one_line
from journeys.errors import InfrastructureError, SetupError
from journeys.farm.providers.appium_server import status
from journeys.farm.providers.provider import PHONES, Provided, Template
from journeys.farm.providers.settings import address, option

PLATFORMS: Mapping[str, str] = {"android": "android", "ios": "ios"}
"""What a slot's stereotype has to say for a target's platform."""

BROWSERS: Mapping[str, frozenset[str]] = {"chrome": frozenset({"chrome", "chromium"})}
"""What else a slot may call a browser."""


class SeleniumGrid:
    """The Grid queues sessions, and gives each to a free slot whose stereotype fits its capabilities."""

    name = "grid"
    options: Mapping[str, type] = {"url": str, "name": str}
    platforms = PHONES | {"chromium"}
    by_id = True
    prefixes: frozenset[str] | None = frozenset({"se", "journeys"})
    variables: tuple[str, ...] = ()

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:  # noqa: ARG002 - none needed
        """Take the Grid's address, and name the session for its console."""
        return Template(
            appium_url=address(target), capabilities={"se:name": option(target, "name") or target.name}
        )

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - as above
        """Ask whether a node is up that has a slot for the target; busy ones will do, the Grid queues."""
        nodes = status(target, "Selenium Grid").get("nodes")
        up = [
            node
            for node in (nodes if isinstance(nodes, list) else [])
            if isinstance(node, dict) and node.get("availability") == "UP"
        ]
        if not up:
            raise InfrastructureError(f"{target.name}: the Selenium Grid has no node that is up: start one")
        slots = list(_stereotypes(up))
        if not any(_fits(target, slot) for slot in slots):
            there = ", ".join(sorted({_called(slot) for slot in slots})[:20])
            raise SetupError(
                f"{target.name}: the Selenium Grid has no slot for {_wanted(target)}, only for {there}: "
                "correct the target's platform, or a node's stereotype"
            )


def _stereotypes(nodes: list[dict[str, Any]]) -> Iterator[Mapping[str, object]]:
    for node in nodes:
        slots = node.get("slots")
        for slot in slots if isinstance(slots, list) else ():
            if isinstance(slot, dict) and isinstance(slot.get("stereotype"), dict):
                yield slot["stereotype"]


def _fits(target: Provided, stereotype: Mapping[str, object]) -> bool:
    """Whether a slot could be one for the target: it is, unless it surely is for something else.

    A Grid gives a session that asks for no browser to slots that name one, as those of phones often do, and
    has matching of its own where a project brings one.
    """
    wanted = PLATFORMS.get(target.platform)
    platform = _said(stereotype, "platformName")
    if wanted is not None and platform not in {wanted, "", "any"}:
        return False
    browser = "chrome" if target.platform == "chromium" else (target.browser or "").casefold()
    offered = _said(stereotype, "browserName")
    return not browser or not offered or offered in BROWSERS.get(browser, {browser})


def _said(stereotype: Mapping[str, object], name: str) -> str:
    return str(stereotype.get(name) or stereotype.get(f"appium:{name}") or "").casefold()


def _wanted(target: Provided) -> str:
    return f"{target.browser} on {target.platform}" if target.browser else target.platform


def _called(stereotype: Mapping[str, object]) -> str:
    browser, platform = stereotype.get("browserName"), str(stereotype.get("platformName", "any")).lower()
    return one_line(f"{browser} on {platform}" if browser else platform)[:60]
