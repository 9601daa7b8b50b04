"""Who gives the devices: what each provider makes of a target, and what is said of one that won't."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from journeys.configuration import Configuration
from journeys.devices import Place, check_appiums
from journeys.devices.capabilities import browser_capabilities
from journeys.errors import InfrastructureError, JourneysError, SetupError
from journeys.farm.providers import PROVIDERS, asking, aws_test_spec, check
from journeys.targets import Target, read_targets
from tests.farm.provider_server import ProviderServer

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "device-providers.md"

KEY = "top-secret-key"
ACCOUNTS = {
    "BROWSERSTACK_USERNAME": "ada",
    "BROWSERSTACK_ACCESS_KEY": KEY,
    "SAUCE_USERNAME": "ada",
    "SAUCE_ACCESS_KEY": KEY,
}

Read = Callable[[str], Target]
Serve = Callable[..., ProviderServer]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return what reads a target `far` from some lines of TOML, with accounts in the environment."""
    for name in {each for provider in PROVIDERS.values() for each in provider.variables}:
        monkeypatch.delenv(name, raising=False)
    for name, value in ACCOUNTS.items():
        monkeypatch.setenv(name, value)

    def read(lines: str) -> Target:
        (tmp_path / "targets.toml").write_text(f'[targets.far]\nplatform = "android"\n{lines}')
        return read_targets(Configuration(root=tmp_path, targets=())).named("far")

    return read


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what runs a provider's server for the length of the test."""
    with ExitStack() as running:
        yield lambda *words, **how: running.enter_context(ProviderServer(*words, **how).running())


def provider(name: str, **options: object) -> str:
    lines = [f'provider = "{name}"', "[targets.far.provider_options]"]
    lines += [
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}"
        for key, value in options.items()
    ]
    return "\n".join(lines)


def said(target: Target, kind: type[JourneysError]) -> str:
    with pytest.raises(kind) as caught:
        check(target)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- what a provider makes of a target --------------------------------------------------------------------


def test_browserstack_gets_the_account_of_the_environment_and_the_device_of_the_file(read: Read) -> None:
    far = read(
        'app = "bs://abc"\n' + provider("browserstack", deviceName="Google Pixel 9", buildName="night")
    )
    assert far.appium_url == "https://hub-cloud.browserstack.com/wd/hub"
    assert far.app == "bs://abc"
    assert far.capabilities == {
        "appium:deviceName": "Google Pixel 9",
        "bstack:options": {
            "sessionName": "far",
            "idleTimeout": 300,
            "buildName": "night",
            "userName": "ada",
            "accessKey": KEY,
        },
    }
    assert KEY not in repr(far)


def test_sauce_labs_gets_its_region_and_no_longer_wait_than_it_allows(read: Read) -> None:
    far = read(provider("saucelabs", region="eu-central-1", deviceName="Samsung.*", tags=["night"]))
    assert far.appium_url == "https://ondemand.eu-central-1.saucelabs.com/wd/hub"
    assert far.capabilities == {
        "appium:deviceName": "Samsung.*",
        "appium:newCommandTimeout": 90,
        "sauce:options": {"name": "far", "tags": ["night"], "username": "ada", "accessKey": KEY},
    }


def test_the_device_farm_plugin_chooses_among_the_devices_named(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVICE_FARM_ACCESS_KEY", "who")
    monkeypatch.setenv("DEVICE_FARM_TOKEN", KEY)
    far = read(
        'devices = ["a1", "b2"]\n' + provider("device-farm", url="http://hub.example:4723", build="night")
    )
    assert far.devices == ()
    assert far.capabilities == {
        "df:options": {"build": "night", "udids": "a1,b2"},
        "df:accesskey": "who",
        "df:token": KEY,
    }


def test_what_the_target_asks_for_itself_stands_in_the_place_of_the_templates(read: Read) -> None:
    far = read(
        'capabilities = { "se:name" = "mine", "appium:noReset" = false }\n'
        + provider("grid", url="http://grid.example:4444/")
    )
    assert far.appium_url == "http://grid.example:4444"
    assert far.capabilities == {"se:name": "mine", "appium:noReset": False}
    joined = read('capabilities = { "bstack:options" = { debug = true } }\nprovider = "browserstack"')
    assert isinstance(options := joined.capabilities["bstack:options"], Mapping)
    assert options["debug"] is True
    assert options["userName"] == "ada"


def test_on_the_test_host_of_aws_the_phone_and_the_app_are_those_of_the_run(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SetupError, match=r"targets\.far\.provider: aws-device-farm: there is no phone here"):
        read('provider = "aws-device-farm"')
    monkeypatch.setenv("DEVICEFARM_DEVICE_UDID", "R58M")
    monkeypatch.setenv("DEVICEFARM_APP_PATH", "/tmp/app.apk")  # noqa: S108 - nothing is there
    monkeypatch.setenv("DEVICEFARM_DEVICE_PLATFORM_NAME", "Android")
    far = read('provider = "aws-device-farm"')
    assert (far.appium_url, far.devices, far.app) == ("http://127.0.0.1:4723", ("R58M",), "/tmp/app.apk")  # noqa: S108
    monkeypatch.setenv("DEVICEFARM_DEVICE_PLATFORM_NAME", "iOS")
    with pytest.raises(SetupError, match=r"targets\.far\.platform: this test host .* has a phone with ios"):
        read('provider = "aws-device-farm"')


def test_elsewhere_aws_gives_an_endpoint_which_is_a_secret(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEVICE_FARM_APPIUM_URL", "https://devicefarm.example/session/hush")
    far = read('provider = "aws-device-farm"')
    assert far.appium_url == "https://devicefarm.example/session/hush"
    assert "hush" not in repr(far)


def test_the_test_spec_for_aws_has_the_phases_that_device_farm_knows() -> None:
    spec = yaml.safe_load(aws_test_spec())
    assert spec["version"] == 0.1
    assert set(spec) <= {"version", "android_test_host", "ios_test_host", "phases", "artifacts"}
    assert set(spec["phases"]) <= {"install", "pre_test", "test", "post_test"}
    assert all(isinstance(line, str) for phase in spec["phases"].values() for line in phase["commands"])
    assert f"```yaml\n{aws_test_spec()}```" in GUIDE.read_text()


def test_the_guide_names_every_provider_and_all_its_options_and_variables() -> None:
    guide = GUIDE.read_text()
    for each in PROVIDERS.values():
        missing = [word for word in (each.name, *each.options, *each.variables) if f"`{word}`" not in guide]
        assert missing == [], each.name


# --- what is written wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            'provider = "browserstak"',
            r"far\.provider: unknown provider 'browserstak': did you mean browserstack\?",
        ),
        ('provider = "firebase"', r"far\.provider: Firebase Test Lab .* no Appium"),
        (
            provider("browserstack", devicename="x"),
            r"provider_options\.devicename: unknown option .* deviceName",
        ),
        (
            provider("saucelabs", region="eu-central-2"),
            r"region: unknown region .* did you mean eu-central-1\?",
        ),
        (provider("grid", url=True), r"provider_options\.url: expected a string, found True"),
        (provider("saucelabs", maxDuration=True), r"maxDuration: expected a whole number, found True"),
        (provider("grid"), r"provider_options\.url: is missing"),
        (provider("grid", url="grid.example"), r"provider_options\.url: is no address"),
        (
            provider("browserstack", url="http://hub.example"),
            r"url: would send the account's key in the clear",
        ),
        ('devices = ["a1"]\nprovider = "saucelabs"', r"far\.devices: saucelabs knows no ids .* deviceName"),
        ('[targets.far.provider_options]\nurl = "x"', r"provider_options: has no meaning without a provider"),
        (
            'capabilities = { "bstak:options" = {} }\nprovider = "browserstack"',
            r"bstak:options: browserstack knows no capabilities of 'bstak': did you mean bstack:",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_comes_nearest(
    read: Read, lines: str, problem: str
) -> None:
    with pytest.raises(SetupError, match=problem) as caught:
        read(lines)
    assert "targets.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cloud_of_phones_has_no_browser_of_this_machine(read: Read, tmp_path: Path) -> None:
    (tmp_path / "targets.toml").write_text('[targets.far]\nplatform = "chromium"\nprovider = "saucelabs"')
    with pytest.raises(SetupError, match=r"platform: saucelabs has none of chromium, only android or ios$"):
        read_targets(Configuration(root=tmp_path, targets=()))


def test_an_account_that_is_not_in_the_environment_is_told_by_its_variables(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROWSERSTACK_ACCESS_KEY")
    with pytest.raises(SetupError, match=r"BROWSERSTACK_ACCESS_KEY is not set in the environment$"):
        read('provider = "browserstack"')


# --- what a provider answers ------------------------------------------------------------------------------

PLAN: dict[str, Any] = {
    "parallel_sessions_running": 0,
    "parallel_sessions_max_allowed": 5,
    "queued_sessions": 0,
    "queued_sessions_max_allowed": 5,
}


def test_a_provider_that_will_have_us_is_asked_once_with_the_account(read: Read, serve: Serve) -> None:
    stack, sauce = serve(PLAN), serve({"concurrency": {"organization": {"allowed": {"rds": 2}}}})
    check(read(provider("browserstack", api_url=stack.url)))
    check(read(provider("saucelabs", api_url=sauce.url)))
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
    monkeypatch.setattr(asking, "PATIENCE", 0.3 if "never" in answer else 10.0)
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
    check(read(provider("appium", url=serve(code=401).url)))
    with pytest.raises(SetupError):
        check(read(provider("grid", url=serve(code=401).url)))


# --- a Selenium Grid --------------------------------------------------------------------------------------


def grid_status(*stereotypes: Mapping[str, str], availability: str = "UP") -> Mapping[str, Any]:
    # A Grid whose slots are all taken says that it isn't ready: it queues, all the same.
    slots = [{"stereotype": each, "session": {"sessionId": "taken"}} for each in stereotypes]
    return {"value": {"ready": False, "nodes": [{"availability": availability, "slots": slots}]}}


def test_a_grid_with_a_slot_for_the_target_will_do_even_if_it_is_busy(read: Read, serve: Serve) -> None:
    server = serve(grid_status({"browserName": "chrome"}, {"platformName": "ANDROID"}))
    check_appiums([Place(target=read(provider("grid", url=server.url)))])
    assert server.asked == ["/status"]


def test_a_browser_of_the_grid_is_any_of_its_own_shown_as_a_phone(read: Read) -> None:
    far = read(
        'capabilities = { "goog:chromeOptions" = { args = ["--lang=de"] } }\n'
        + provider("grid", url="http://grid.example:4444")
    )
    asked = browser_capabilities(replace(far, platform="chromium", pixel_ratio=2.0))
    assert (asked["browserName"], asked["se:name"]) == ("chrome", "far")
    # Nothing of this host's: no executables, no rules of what may be reached.
    assert not [name for name in asked if name.startswith("appium:")]
    assert isinstance(options := asked["goog:chromeOptions"], dict)
    assert set(options) == {"args", "mobileEmulation"}
    assert options["mobileEmulation"]["deviceMetrics"]["pixelRatio"] == 2.0
    assert options["args"][-2:] == ["--headless=new", "--lang=de"]


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
