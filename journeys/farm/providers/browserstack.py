"""BrowserStack App Automate: phones in BrowserStack's cloud."""

from __future__ import annotations

import json
from collections.abc import Mapping

from journeys.errors import InfrastructureError, SetupError
from journeys.farm.providers.asking import Question, ask
from journeys.farm.providers.provider import PHONES, Provided, Template
from journeys.farm.providers.settings import address, api_address, chosen, credentials

HUB = "https://hub-cloud.browserstack.com/wd/hub"
API = "https://api-cloud.browserstack.com"

REASON = 255
"""Characters of a reason that are sent."""


class BrowserStack:
    """The options are those of `bstack:options`, and the device."""

    name = "browserstack"
    options: Mapping[str, type] = {
        "url": str,
        "api_url": str,
        "deviceName": str,
        "platformVersion": str,
        "projectName": str,
        "buildName": str,
        "sessionName": str,
        "buildTag": str,
        "appiumVersion": str,
        "idleTimeout": int,
        "local": bool,
        "localIdentifier": str,
        "debug": bool,
        "networkLogs": bool,
    }
    platforms = PHONES
    by_id = False
    prefixes: frozenset[str] | None = frozenset({"bstack", "browserstack"})
    variables: tuple[str, ...] = ("BROWSERSTACK_USERNAME", "BROWSERSTACK_ACCESS_KEY")

    def expand(self, target: Provided, environment: Mapping[str, str]) -> Template:
        """Name device and account, and the session after the target."""
        url = address(target, HUB)
        user, key = credentials(self, environment, to=url)
        own: dict[str, object] = {
            "sessionName": target.name,
            # An actor may have nothing to do for longer than the usual minute and a half.
            "idleTimeout": 300,
            **chosen(target, "url", "api_url", "deviceName", "platformVersion"),
            "userName": user,
            "accessKey": key,
        }
        wanted: dict[str, object] = {"bstack:options": own}
        for each in ("deviceName", "platformVersion"):
            if each in target.provider_options:
                wanted[f"appium:{each}"] = target.provider_options[each]
        return Template(appium_url=url, capabilities=wanted)

    def check(self, target: Provided, environment: Mapping[str, str]) -> None:
        """Ask for the plan: who we are, and whether there is room for a session."""
        api = api_address(target, API)
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
        if _full(running, allowed) and _full(waiting, queue):
            raise InfrastructureError(
                f"{target.name}: BrowserStack's quota is used up ({running} of {allowed} sessions run and "
                f"{waiting} of {queue} wait): try again later, or run fewer side by side"
            )

    def mark(self, *, passed: bool, reason: str) -> str:
        """Return the call that sets a session's status."""
        said = {"status": "passed" if passed else "failed", "reason": reason[:REASON]}
        return f"browserstack_executor: {json.dumps({'action': 'setSessionStatus', 'arguments': said})}"


def _full(taken: object, of: object) -> bool:
    return isinstance(taken, int) and isinstance(of, int) and taken >= of
