"""An Appium server that runs somewhere: the plainest provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.errors import SetupError
from journeys.farm.providers.asking import Question, ask, place
from journeys.farm.providers.provider import Provided, Template
from journeys.farm.providers.settings import address, login_at, without_login


class AppiumServer:
    """Any server that speaks Appium's protocol and tells its status."""

    name = "appium"
    options: Mapping[str, type] = {"url": str}
    prefixes: frozenset[str] | None = None
    variables: tuple[str, ...] = ()

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:  # noqa: ARG002 - none needed
        """Take the address; the capabilities are the target's own."""
        return Template(appium_url=address(target), capabilities={})

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - as above
        """Ask for the server's status."""
        status(target, "Appium")


def status(target: Provided, who: str) -> Mapping[str, Any]:
    """Return what a WebDriver server says of itself; raises `SetupError` where what answers is none."""
    url = address(target)
    question = Question(target=target.name, who=who, url=f"{without_login(url)}/status", login=login_at(url))
    answer = ask(question)
    value = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(value, dict):
        raise SetupError(f"{target.name}: what answers at {place(url)} is no {who}: is the address right?")
    return value
