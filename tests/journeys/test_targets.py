"""Where actors are played: targets.toml, casts, and what the command line says in their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flutter_bridge import SystemNames
from journeys.configuration import Configuration
from journeys.errors import JourneysError, SetupError, UsageError
from journeys.targets import Overrides, Targets, castings, read_targets

Read = Callable[..., Targets]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(text: str | None = None, *, targets: tuple[str, ...] = ("web",)) -> Targets:
        if text is not None:
            (tmp_path / "targets.toml").write_text(text)
        return read_targets(Configuration(root=tmp_path, targets=targets))

    return reading


PIXEL = """
[targets.pixel]
platform = "android"
app = "build/app.apk"
app_id = "com.example.app"
activity = ".MainActivity"
devices = ["emulator-5554"]
appium_url = "http://127.0.0.1:4723"
pixel_ratio = 2.625
links = "example://open"
permissions = "deny"
frames = "screenshots"
timeout = 20
start_timeout = 400
stand_in = true
stand_ins = 7
strict = false

[targets.pixel.system_names]
allow = ["Zulassen"]
documents = ["com.vendor.files"]

[targets.pixel.capabilities]
"appium:avd" = "Pixel_7"
"farm:options" = { tags = ["a"], user = "${FARM_USER}" }

[targets.browser]
platform = "chromium"

[casts.mixed]
alice = "pixel"
"*" = "browser"
"""


def test_without_a_file_there_are_the_targets_that_need_no_settings(read: Read) -> None:
    targets = read(targets=("web", "tv"))
    assert {name: target.platform for name, target in targets.by_name.items()} == {
        "web": "web",
        "android": "android",
        "ios": "ios",
        "tv": "web",
    }
    assert not targets.casts


def test_every_setting_is_read(read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FARM_USER", "ada")
    pixel = read(PIXEL).find("pixel")
    assert (pixel.name, pixel.platform, pixel.app_id, pixel.activity) == (
        "pixel",
        "android",
        "com.example.app",
        ".MainActivity",
    )
    assert pixel.app == str(tmp_path / "build/app.apk")
    assert (pixel.devices, pixel.appium_url) == (("emulator-5554",), "http://127.0.0.1:4723")
    assert (pixel.pixel_ratio, pixel.links, pixel.timeout) == (2.625, "example://open", 20.0)
    assert pixel.start_timeout == 400.0
    assert (pixel.permissions, pixel.frames) == ("deny", "screenshots")
    assert (pixel.stand_in, pixel.stand_ins, pixel.strict) == (True, 7, False)
    assert pixel.system_names == SystemNames(allow=("Zulassen",), documents=("com.vendor.files",))
    assert pixel.capabilities == {
        "appium:avd": "Pixel_7",
        "farm:options": {"tags": ["a"], "user": "ada"},
    }


def test_an_app_may_be_an_address(read: Read) -> None:
    app = read('[targets.farm]\nplatform = "android"\napp = "farm://app-1"').find("farm").app
    assert app == "farm://app-1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[targets.a]\nplatfrom = 'web'", r"targets.a.platform: is missing"),
        ("[targets.a]\nplatform = 'andriod'", r"targets.a.platform: .*did you mean android\?"),
        (
            "[targets.a]\nplatform = 'android'\npixelratio = 2",
            r"targets.a.pixelratio: unknown key: did you mean pixel_ratio",
        ),
        ("[targets.a]\nplatform = 'android'\npixel_ratio = 0", r"targets.a.pixel_ratio: a device's is"),
        (
            "[targets.a]\nplatform = 'android'\nstand_ins = 0",
            r"stand_ins: expected a whole number from 1 to 16",
        ),
        ("[targets.a]\nplatform = 'android'\ntimeout = -1", r"targets.a.timeout: must be more than 0"),
        ("[targets.a]\nplatform = 'android'\nstart_timeout = 0", r"start_timeout: must be more than 0"),
        ("[targets.A]\nplatform = 'android'", r"'A' is no name"),
        (
            "[targets.a]\nplatform = 'web'\nsystem_names.allow = ['Ja']",
            r"system_names: has no meaning without",
        ),
        (
            "[targets.a]\nplatform = 'ios'\nsystem_names.alow = ['Ja']",
            r"targets.a.system_names.alow: .*did you mean allow",
        ),
        ("[targets.a]\nplatform = 'ios'\nstand_in = true", r"targets.a.stand_in: .* Android only"),
        (
            "[targets.a]\nplatform = 'web'\napp = 'x.apk'",
            r"targets.a.app: has no meaning where the web build",
        ),
        ("[targets.a]\nplatform = 'android'\nbrowser = 'chrome'\nlinks = 'x://'", r"targets.a.links: has no"),
        ("[targets.a]\nplatform = 'web'\nframes = 'mjpeg'", r"targets.a.frames: has no meaning on the web"),
        ("[targets.a]\nplatform = 'android'\nframes = 'gif'", r"unknown frames 'gif'"),
        ("[casts.c]\nalice = 'pixel'", r"casts.c.alice: unknown target 'pixel': there is android, ios, web"),
        ("[casts.c]\nalice = 1", r"casts.c.alice: expected a string, found 1"),
        ("[target.a]\nplatform = 'web'", r"target: unknown key: did you mean targets\?"),
        ("targets = 1", r"targets: expected a table, found 1"),
        ("[targets", "can't be read as TOML"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(read: Read, text: str, problem: str) -> None:
    with pytest.raises(SetupError, match=problem) as caught:
        read(text)
    assert "targets.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_secrets_come_from_the_environment_only(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    written = (
        "[targets.a]\nplatform = 'android'\n[targets.a.capabilities]\n'farm:options' = {accessKey = 'abc'}"
    )
    with pytest.raises(SetupError, match=r"capabilities\.farm:options\.accessKey: is a secret") as caught:
        read(written).find("a")
    assert "abc" not in str(caught.value)
    with pytest.raises(SetupError, match="appium_url: is a secret") as caught:
        read("[targets.a]\nplatform = 'android'\nappium_url = 'https://me:hush@farm.example'").find("a")
    assert "hush" not in str(caught.value)
    monkeypatch.setenv("HUSH", "abc")
    assert read(written.replace("'abc'", "'${HUSH}'")).find("a").capabilities == {
        "farm:options": {"accessKey": "abc"}
    }


def test_a_variable_that_is_not_set_is_named_only_when_its_target_is_used(read: Read) -> None:
    targets = read("[targets.a]\nplatform = 'android'\nappium_url = 'https://${NOT_SET_HERE}@farm.example'")
    with pytest.raises(SetupError, match=r"targets\.a\.appium_url: the environment variable NOT_SET_HERE"):
        targets.find("a")


def test_a_target_is_asked_for_by_name(read: Read) -> None:
    (casting,) = castings(read(PIXEL), names=["browser"], casts=[], default="web")
    assert (casting.name, casting.target_of("anyone").name) == ("browser", "browser")
    assert [target.name for target in casting.targets] == ["browser"]
    assert [each.name for each in castings(read(), names=["web", "ios"], casts=[], default="web")] == [
        "web",
        "ios",
    ]
    assert [each.name for each in castings(read(), names=[], casts=[], default="android")] == ["android"]


def test_an_unknown_target_is_refused_with_the_nearest_known_one(read: Read) -> None:
    with pytest.raises(UsageError, match=r"unknown target 'andriod': did you mean android\?"):
        castings(read(), names=["andriod"], casts=[], default="web")


@pytest.mark.parametrize("text", ["alice=android,bob=web", " alice = android , bob = web "])
def test_a_cast_says_where_each_actor_is_played(read: Read, text: str) -> None:
    (casting,) = castings(read(), names=[], casts=[text], default="ios")
    played = {actor: casting.target_of(actor).name for actor in ("alice", "bob", "carol")}
    assert played == {"alice": "android", "bob": "web", "carol": "ios"}
    assert [target.name for target in casting.targets] == ["android", "web", "ios"]


def test_everyone_else_is_a_star_or_the_one_target_named(read: Read) -> None:
    (casting,) = castings(read(), names=[], casts=["alice=android,*=web"], default="ios")
    assert casting.target_of("carol").name == "web"
    (casting,) = castings(read(), names=["web"], casts=["alice=android"], default="ios")
    assert casting.target_of("carol").name == "web"
    with pytest.raises(UsageError, match="one target where all others are: got web, ios"):
        castings(read(), names=["web", "ios"], casts=["alice=android"], default="ios")


def test_a_cast_of_the_file_is_asked_for_by_its_name(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARM_USER", "ada")
    (casting,) = castings(read(PIXEL), names=[], casts=["mixed"], default="web")
    assert (casting.name, casting.target_of("alice").name, casting.others.name) == (
        "mixed",
        "pixel",
        "browser",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mixd", r"unknown cast 'mixd': did you mean mixed\?; or write it out"),
        ("alice=", r"'alice=' in the cast 'alice=' is no actor=target"),
        ("alice=android,bob", r"'bob' in the cast"),
        ("alice=web,alice=android", "names alice twice"),
        ("alice=phone", "unknown target 'phone'"),
    ],
)
def test_a_cast_that_makes_no_sense_is_refused(read: Read, text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        castings(read(PIXEL), names=[], casts=[text], default="web")


def test_the_command_line_takes_the_place_of_the_file(
    read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FARM_USER", "ada")
    app = tmp_path / "other.apk"
    app.touch()
    overrides = Overrides(app=str(app), devices=("phone-1",), appium_url="http://127.0.0.1:1")
    targets = overrides.apply(read(PIXEL))
    pixel, browser, web = (targets.find(name) for name in ("pixel", "browser", "web"))
    assert (pixel.app, pixel.devices, pixel.appium_url) == (str(app), ("phone-1",), "http://127.0.0.1:1")
    assert (browser.app, browser.devices, browser.appium_url) == (None, (), "http://127.0.0.1:1")
    assert (web.app, web.devices, web.appium_url) == (None, (), None)
    overrides.check_used([pixel])


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (Overrides(devices=("phone-1",)), "--device has no meaning on web: name a target that is a phone's"),
        (Overrides(appium_url="http://127.0.0.1:1"), "--appium-url has no meaning on web"),
    ],
)
def test_what_nobody_has_a_use_for_is_refused(read: Read, overrides: Overrides, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        overrides.check_used([read().find("web")])


def test_an_app_that_is_not_there_is_refused(read: Read) -> None:
    with pytest.raises(JourneysError, match=r"--app nowhere\.apk: there is no such file"):
        Overrides(app="nowhere.apk").apply(read())
