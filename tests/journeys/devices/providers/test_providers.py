"""Who gives the devices: what each provider makes of a target, and what is written wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types

from journeys.cli import main
from journeys.configuration import Configuration
from journeys.devices.providers import PROVIDERS, aws_test_spec
from journeys.devices.sessions import browser_capabilities
from journeys.errors import SetupError
from journeys.targets import read_targets
from tests.journeys.devices.providers.far_target import KEY, Read, provider

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "device-providers.md"

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
    assert set(options) == {"args", "mobileEmulation", "excludeSwitches"}
    assert options["excludeSwitches"] == ["disable-popup-blocking"]
    assert options["mobileEmulation"]["deviceMetrics"]["pixelRatio"] == 2.0
    assert options["args"][-2:] == ["--headless=new", "--lang=de"]


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
    assert far.app == "/tmp/app.apk"  # noqa: S108 - as above
    assert (far.appium_url, far.devices) == ("http://127.0.0.1:4723", ("R58M",))
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


def test_the_test_spec_is_printed_for_a_target_of_one_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["farm", "test-spec", "--target", "pixel-9"]) == 0
    printed = capsys.readouterr().out
    assert printed == aws_test_spec("pixel-9")
    assert " run --target pixel-9 --output " in yaml.safe_load(printed)["phases"]["test"]["commands"][-1]


def test_a_target_that_could_be_more_than_a_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["farm", "test-spec", "--target", "aws; reboot"])
    assert ended.value.code == 2
    assert "letters, digits, dots and dashes only" in capsys.readouterr().err


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
        read_targets(Configuration(root=tmp_path, targets=()), providers=lambda: PROVIDERS)


def test_an_account_that_is_not_in_the_environment_is_told_by_its_variables(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROWSERSTACK_ACCESS_KEY")
    with pytest.raises(SetupError, match=r"BROWSERSTACK_ACCESS_KEY is not set in the environment$"):
        read('provider = "browserstack"')
