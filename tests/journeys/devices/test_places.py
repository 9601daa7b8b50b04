"""Where a target is played: on which device, on a stand-in, or nowhere, and then why."""

from __future__ import annotations

import os
import signal
import zipfile
from pathlib import Path
from threading import Thread

import pytest

from flutter_bridge.appium import devices
from journeys.devices import Place, find_place, servers_for, stand_in_place
from journeys.errors import JourneysError, SetupError, UsageError
from journeys.targets import Target
from tests.android_package import sample_package
from tests.journeys.devices.scripted_adb import FAIRPHONE, LOCKED, PIXEL, Adb

ROOT = Path(__file__).parents[3]
STOOD_IN_FOR = Target(name="android", platform="android", stand_in=True)


@pytest.fixture
def app(tmp_path: Path) -> str:
    """Make an Android package."""
    return str(sample_package(tmp_path / "app.apk", "org.example.app", version=3))


def refused(target: Target) -> str:
    with pytest.raises(JourneysError) as caught:
        find_place(target)
    assert isinstance(caught.value, SetupError | UsageError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("adb_there", [True, False])
def test_a_stand_in_takes_the_place_of_no_device(adb: Adb, *, adb_there: bool) -> None:
    if adb_there:
        adb()
    place = find_place(STOOD_IN_FOR)
    assert place.stand_in
    assert place.display_name == "android-stand-in"


def test_without_leave_there_is_no_stand_in(adb: Adb) -> None:
    target = Target(name="android", platform="android")
    assert refused(target).startswith("android: no adb to find an Android device with: install")
    adb()
    assert refused(target) == (
        "android: adb sees no device: start an emulator, or connect a phone with USB debugging allowed"
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((LOCKED,), "android: R58M000000 doesn't trust this computer: unlock it and allow USB debugging"),
        (
            (PIXEL, FAIRPHONE),
            (
                "android: there are 2 devices, emulator-5554 (Pixel 8, API 35), "
                "0123456789ABCDEF (FP5, API 35): name one by its serial"
            ),
        ),
    ],
    ids=["unauthorized", "two"],
)
def test_no_stand_in_hides_a_device_that_will_not_do(adb: Adb, lines: tuple[str, ...], said: str) -> None:
    adb(*lines)
    assert refused(STOOD_IN_FOR) == said


def test_no_stand_in_hides_an_adb_that_fails(adb: Adb) -> None:
    adb(instead="echo 'error: cannot bind' >&2; exit 1")
    assert refused(STOOD_IN_FOR) == "android: `adb devices -l` failed: error: cannot bind"


def test_ctrl_c_does_not_wait_for_an_adb_that_hangs(
    adb: Adb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "ADB_TIMEOUT_S", 3600.0)
    pipe = tmp_path / "hangs"
    os.mkfifo(pipe)
    adb(instead=f"echo $$ > '{pipe}'; exec /bin/sleep 3600")
    hanging: list[int] = []

    def interrupt() -> None:
        hanging.append(int(pipe.read_text()))
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        find_place(STOOD_IN_FOR)
    interrupting.join()
    with pytest.raises(ProcessLookupError):
        os.kill(hanging[0], 0)


def test_no_stand_in_hides_an_sdk_that_is_not_where_it_is_said_to_be(
    adb: Adb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_HOME", str(tmp_path / "nowhere"))
    assert refused(STOOD_IN_FOR).startswith(f"android: no adb at {tmp_path}/nowhere/platform-tools/adb: ")


@pytest.mark.parametrize("named", [{"app_id": "org.example"}, {"devices": ("phone-1",)}])
def test_a_stand_in_is_neither_the_device_nor_the_app_that_is_named(
    adb: Adb, named: dict[str, object]
) -> None:
    adb()
    target = Target(name="android", platform="android", stand_in=True, **named)  # type: ignore[arg-type]  # of one key
    assert refused(target).endswith(
        " (a stand-in takes its place where neither an app nor a device is named)"
    )


def test_a_device_that_is_named_has_to_be_there(adb: Adb) -> None:
    adb(PIXEL)
    target = Target(name="android", platform="android", stand_in=True, devices=("phone-1",))
    assert refused(target) == (
        "android: adb sees no device phone-1: there is emulator-5554 (Pixel 8, API 35)"
    )


def test_a_device_is_used_once_it_is_said_which_app_is_meant(adb: Adb, app: str) -> None:
    adb(PIXEL)
    assert refused(STOOD_IN_FOR) == (
        "android: emulator-5554 is connected, but which app is to run on it? "
        "--app app.apk, or app_id in targets.toml"
    )
    target = Target(name="android", platform="android", stand_in=True, app=app)
    place = find_place(target)
    assert place == Place(target=target, devices=("emulator-5554",))
    assert place.describe_app().startswith("org.example.app 3.0 (3), sha256 ")


def test_an_app_and_the_id_of_another_are_refused(app: str) -> None:
    target = Target(name="android", platform="android", app=app, app_id="org.example.other")
    assert refused(target) == (
        "android: app.apk is org.example.app, and app_id says org.example.other: leave that out"
    )


@pytest.mark.parametrize("name", ["noReset", "appium:noReset"])
def test_a_driver_that_is_told_to_leave_the_old_app_there_is_refused(app: str, name: str) -> None:
    target = Target(name="android", platform="android", app=app, capabilities={name: True})
    assert refused(target).startswith("android: with the capability noReset the driver leaves the app alone")


def test_an_appium_elsewhere_has_devices_of_its_own_and_its_own_files() -> None:
    target = Target(
        name="farm", platform="android", app="/apps/there.apk", appium_url="http://127.0.0.1:4723"
    )
    assert find_place(target) == Place(target=target)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("gone.apk", "there is no app {}: build it, or name another by --app"),
        (
            "text.apk",
            "{} is no package that Android installs: File is not a zip file: `flutter build apk` makes one",
        ),
        (
            "other.apk",
            (
                "{} is no package that Android installs: there is no AndroidManifest.xml in it: "
                "`flutter build apk` makes one"
            ),
        ),
        (
            "bundle.apks",
            (
                "to install bundle.apks the driver needs bundletool.jar and java and aapt2: give it an "
                ".apk, as `flutter build apk` makes it, which needs adb alone"
            ),
        ),
        ("bundle.aab", "{} is no package that Android installs: `flutter build apk` makes one"),
        ("folder.apk", "{} is no package that Android installs: `flutter build apk` makes one"),
    ],
)
def test_an_app_that_cannot_be_installed_is_refused_before_anything_is_asked(
    adb: Adb, tmp_path: Path, file: str, said: str
) -> None:
    (tmp_path / "text.apk").write_text("no package")
    (tmp_path / "folder.apk").mkdir()
    for name in ("other.apk", "bundle.aab", "bundle.apks"):
        with zipfile.ZipFile(tmp_path / name, "w") as package:
            package.writestr("base/manifest/AndroidManifest.xml", b"")
    target = Target(name="android", platform="android", app=str(tmp_path / file))
    assert refused(target) == f"android: {said.format(tmp_path / file)}"


def test_an_app_behind_an_address_is_appiums_to_fetch(adb: Adb) -> None:
    adb(PIXEL)
    target = Target(name="android", platform="android", app="https://builds.example/app.apk")
    assert find_place(target).devices == ("emulator-5554",)


def test_each_of_several_workers_has_devices_of_its_own() -> None:
    place = Place(target=STOOD_IN_FOR, devices=("one", "two", "three"))
    assert [place.share(number, 2).devices for number in range(2)] == [("one", "three"), ("two",)]
    with pytest.raises(SetupError, match=r"^android: 3 devices for 4 workers: run fewer side by side$"):
        place.share(3, 4)


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "takes the web's word"])
def test_stand_ins_are_strict_unless_the_target_says_otherwise(*, strict: bool) -> None:
    target = Target(name="android", platform="android", stand_in=True, strict=strict)
    stand_in, _appium = servers_for([stand_in_place(target, 1)], app="app", root=ROOT)
    assert ("--no-strict" in stand_in.command) is not strict
