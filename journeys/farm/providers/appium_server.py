"""An Appium server that runs somewhere: the plainest provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flutter_bridge.address import login_in, without_login
from journeys.errors import SetupError
from journeys.farm.providers.asking import Question, ask, place
from journeys.farm.providers.provider import PHONES, Provided, Template
from journeys.farm.providers.settings import address


class AppiumServer:
    """Any server that speaks Appium's protocol and tells its status."""

    name = "appium"
    options: Mapping[str, type] = {"url": str}
    platforms = PHONES | {"chromium"}
    by_id = True
    prefixes: frozenset[str] | None = None
    variables: tuple[str, ...] = ()

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:  # noqa: ARG002 - none needed
        """Take the address; the capabilities are the target's own."""
        return Template(appium_url=address(target), capabilities={})

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:  # noqa: ARG002 - as above
        """Ask for the server's status."""
        # A farm may keep its status for sessions, whose capabilities say who asks.
        status(target, "Appium", closed=True)


def status(target: Provided, who: str, *, closed: bool = False) -> Mapping[str, Any]:
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
        raise SetupError(f"{target.name}: what answers at {place(url)} is no {who}: is the address right?")
    return value
