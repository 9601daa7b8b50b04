"""A provider is asked one cheap question before a run: what is said of one that won't have us."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from journeys.devices import Place, check_appiums
from journeys.devices.providers import check_provider, questions
from journeys.errors import InfrastructureError, JourneysError, SetupError
from tests.journeys.devices.providers.far_target import KEY, Read, Serve, provider, said

PLAN: dict[str, Any] = {
    "parallel_sessions_running": 0,
    "parallel_sessions_max_allowed": 5,
    "queued_sessions": 0,
    "queued_sessions_max_allowed": 5,
}


def test_a_provider_that_will_have_us_is_asked_once_with_the_account(read: Read, serve: Serve) -> None:
    stack, sauce = serve(PLAN), serve({"concurrency": {"organization": {"allowed": {"rds": 2}}}})
    check_provider(read(provider("browserstack", api_url=stack.url)))
    check_provider(read(provider("saucelabs", api_url=sauce.url)))
    assert (stack.asked, stack.logins) == (["/app-automate/plan.json"], [f"ada:{KEY}"])
    assert (sauce.asked, sauce.logins) == (["/rest/v1.2/users/ada/concurrency"], [f"ada:{KEY}"])


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        (
            {"code": 401, "answer": {"message": f"no user has {KEY}"}},
            SetupError,
            (
                "refuses the credentials (HTTP 401: no user has [redacted]): "
                "set BROWSERSTACK_USERNAME and BROWSERSTACK_ACCESS_KEY to the account's"
            ),
        ),
        (
            {"code": 403, "answer": {"error": "No minutes left"}},
            SetupError,
            "lets this account do no more (HTTP 403: No minutes left): look at its plan, quota and rights",
        ),
        (
            {"code": 429, "headers": {"Retry-After": "30"}},
            InfrastructureError,
            "has had too many requests, or its quota is used up (HTTP 429): try again in 30 s",
        ),
        ({"code": 500}, InfrastructureError, "is out of order (HTTP 500): try again later"),
        ({"code": 503, "html": True}, InfrastructureError, "is out of order (HTTP 503): try again later"),
        (
            {"code": 404},
            SetupError,
            "knows nothing at {url}/app-automate/plan.json (HTTP 404): is the address right, with its path?",
        ),
        (
            {"code": 302, "headers": {"Location": "https://login.example/"}},
            SetupError,
            "sends us on to login.example (HTTP 302): write the address it is at",
        ),
        (
            {"html": True},
            SetupError,
            (
                "answered a web page instead of JSON at {url}/app-automate/plan.json: "
                "is the address right, and is no proxy or sign-in page in between?"
            ),
        ),
        ({"never": True}, InfrastructureError, "did not answer within 0.3 s: is it up? Try again later"),
        (
            {"answer": PLAN, "headers": {"Date": "Thu, 01 Jan 2015 00:00:00 GMT"}},
            SetupError,
            "has another time than this machine, whose clock is ",
        ),
        (
            {"answer": PLAN | {"parallel_sessions_max_allowed": 0}},
            SetupError,
            "'s plan allows no session: look at the account's plan",
        ),
        (
            {"answer": PLAN | {"parallel_sessions_running": 5, "queued_sessions": 5}},
            InfrastructureError,
            (
                "'s quota is used up (5 of 5 sessions run and 5 of 5 wait): "
                "try again later, or run fewer side by side"
            ),
        ),
    ],
)
def test_what_stands_in_the_way_is_one_line_for_the_target(
    read: Read,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    answer: dict[str, Any],
    kind: type[JourneysError],
    problem: str,
) -> None:
    monkeypatch.setattr(questions, "ANSWER_TIMEOUT_S", 0.3 if "never" in answer else 10.0)
    server = serve(**answer)
    line = said(read(provider("browserstack", api_url=server.url)), kind)
    gap = "" if problem.startswith("'") else " "
    assert line.startswith(f"far: BrowserStack{gap}{problem.replace('{url}', server.url)}")


def test_nothing_that_listens_may_pass(read: Read) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    line = said(read(provider("browserstack", api_url=url)), InfrastructureError)
    assert line.startswith(f"far: BrowserStack can't be reached at {url}/app-automate/plan.json")


def test_a_password_in_the_address_of_a_grid_is_sent_and_never_said(
    read: Read, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(code=401)
    monkeypatch.setenv("GRID_URL", server.url.replace("//", f"//ada%40home:{KEY}%2F@"))
    line = said(read(provider("grid", url="${GRID_URL}")), SetupError)
    assert server.logins == [f"ada@home:{KEY}/"]
    assert "refuses the credentials (HTTP 401): correct the name and the password in its address" in line


def test_a_farm_may_keep_its_status_for_sessions_that_say_who_asks(read: Read, serve: Serve) -> None:
    check_provider(read(provider("appium", url=serve(code=401).url)))
    with pytest.raises(SetupError):
        check_provider(read(provider("grid", url=serve(code=401).url)))


# --- a Selenium Grid --------------------------------------------------------------------------------------


def grid_status(*stereotypes: Mapping[str, str], availability: str = "UP") -> Mapping[str, Any]:
    # A Grid whose slots are all taken says that it isn't ready: it queues, all the same.
    slots = [{"stereotype": each, "session": {"sessionId": "taken"}} for each in stereotypes]
    return {"value": {"ready": False, "nodes": [{"availability": availability, "slots": slots}]}}


def test_a_grid_with_a_slot_for_the_target_will_do_even_if_it_is_busy(read: Read, serve: Serve) -> None:
    server = serve(grid_status({"browserName": "chrome"}, {"platformName": "ANDROID"}))
    check_appiums([Place(target=read(provider("grid", url=server.url)))])
    assert server.asked == ["/status"]


@pytest.mark.parametrize(
    ("stereotype", "target"),
    [
        ({"platformName": "ANDROID", "browserName": "chrome"}, ""),
        ({"platformName": "ANDROID", "browserName": ""}, ""),
        ({"browserName": ""}, ""),
        ({"platformName": "Android", "appium:browserName": "Chrome"}, "browser = 'chrome'\n"),
        ({"platformName": "android", "browserName": "chromium"}, "browser = 'chrome'\n"),
        ({"platformName": "ANDROID"}, "browser = 'chrome'\n"),
    ],
)
def test_a_slot_is_refused_only_where_it_surely_is_for_something_else(
    read: Read, serve: Serve, stereotype: Mapping[str, str], target: str
) -> None:
    check_provider(read(target + provider("grid", url=serve(grid_status(stereotype)).url)))


@pytest.mark.parametrize(
    ("status", "kind", "problem"),
    [
        ({"value": {"ready": False, "nodes": []}}, InfrastructureError, "has no node that is up: start one"),
        (
            grid_status({"platformName": "ANDROID"}, availability="DOWN"),
            InfrastructureError,
            "has no node that is up",
        ),
        (
            grid_status({"browserName": "chrome", "platformName": "linux"}),
            SetupError,
            "has no slot for android, only for chrome on linux: correct",
        ),
        (["no", "Grid"], SetupError, "is no Selenium Grid: is the address right?"),
    ],
)
def test_a_grid_without_a_place_for_the_target_says_what_it_has(
    read: Read, serve: Serve, status: object, kind: type[JourneysError], problem: str
) -> None:
    assert problem in said(read(provider("grid", url=serve(status).url)), kind)
