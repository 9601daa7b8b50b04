"""What an Android package says of itself, which is what decides which app a run tests."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from flutter_bridge import BridgeError
from flutter_bridge.appium import read_android_package
from flutter_bridge.appium.android import Android
from flutter_bridge.appium.ios import IOS
from tests.android_package import Element, encode, launcher, manifest, sample_package, write_package

HELLO = "org.example.hello"


@pytest.mark.parametrize("utf8", [False, True], ids=["utf-16", "utf-8"])
def test_it_is_told_by_its_id_its_version_and_its_hash(tmp_path: Path, *, utf8: bool) -> None:
    document = encode(manifest(HELLO, 37, "1.4.0-β", launcher("activity", ".MainActivity")), utf8=utf8)
    file = write_package(tmp_path / "hello.apk", document)
    package = read_android_package(file)
    assert (package.name, package.activity) == (HELLO, f"{HELLO}.MainActivity")
    assert (package.version_code, package.version_name) == (37, "1.4.0-β")
    assert package.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert str(package) == f"{HELLO} 1.4.0-β (37), sha256 {package.sha256[:12]}"


def test_a_version_whose_name_is_a_resource_goes_by_its_number(tmp_path: Path) -> None:
    document = encode(manifest(HELLO, 37, 0x7F0E0001, launcher("activity", "Main")))
    package = read_android_package(write_package(tmp_path / "hello.apk", document))
    assert package.version_name == ""
    assert str(package).startswith(f"{HELLO} 37, sha256 ")
    assert package.activity == f"{HELLO}.Main"


def test_what_starts_it_is_the_first_activity_that_people_see_among_their_apps(tmp_path: Path) -> None:
    activities = (
        Element("activity", {"name": ".Splash"}),
        launcher("activity", ".Disabled", enabled=False),
        Element(
            "activity",
            {"name": ".Viewer"},
            (Element("intent-filter", {}, (Element("action", {"name": "android.intent.action.VIEW"}),)),),
        ),
        launcher("activity-alias", "com.maker.Alias"),
        launcher("activity", ".Second"),
    )
    document = encode(manifest(HELLO, 1, "1", *activities))
    package = read_android_package(write_package(tmp_path / "hello.apk", document))
    assert package.activity == "com.maker.Alias"


def test_names_longer_than_a_byte_counts(tmp_path: Path) -> None:
    long = "org.example." + "é" * 150
    for utf8 in (False, True):
        document = encode(manifest(long, 1, "1"), utf8=utf8)
        package = read_android_package(write_package(tmp_path / "long.apk", document))
        assert (package.name, package.activity) == (long, "")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"<manifest package='org.example'/>", "isn't in Android's binary form"),
        (encode(Element("manifest", {"versionCode": 1})), "names no package"),
        (encode(manifest(HELLO, 1, "1"))[:-30], "is damaged"),
    ],
    ids=["text", "nameless", "cut"],
)
def test_what_android_would_not_install_is_refused_with_the_reason(
    tmp_path: Path, document: bytes, reason: str
) -> None:
    file = write_package(tmp_path / "bad.apk", document)
    with pytest.raises(BridgeError, match=reason) as caught:
        read_android_package(file)
    assert str(caught.value).startswith(f"{file} is no package that Android installs: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.apk").write_text("no package")
    with zipfile.ZipFile(tmp_path / "empty.apk", "w"):
        pass
    for name in ("text.apk", "empty.apk", "gone.apk"):
        with pytest.raises(BridgeError, match="is no package that Android installs"):
            read_android_package(tmp_path / name)


def test_an_app_that_is_named_is_installed_whatever_is_there(tmp_path: Path) -> None:
    app = str(sample_package(tmp_path / "hello.apk", HELLO))
    wanted = Android().capabilities({"appium:app": app})
    assert wanted["appium:noReset"] is False
    assert wanted["appium:enforceAppInstall"] is True
    assert wanted["appium:noSign"] is True
    assert wanted["appium:appPackage"] == HELLO
    assert wanted["appium:appActivity"] == f"{HELLO}.MainActivity"
    other = Android().capabilities({"appium:app": app, "appium:appActivity": ".Other"})
    assert other["appium:appActivity"] == ".Other"


@pytest.mark.parametrize("app", ["https://builds.example/app.apk", "/there/only.apk", "app.apks"])
def test_an_app_that_is_not_here_is_the_driver_s_to_look_into(app: str) -> None:
    wanted = Android().capabilities({"appium:app": app})
    assert wanted["appium:noReset"] is False
    assert "appium:appPackage" not in wanted


def test_without_an_app_what_is_installed_is_left_there() -> None:
    for platform in (Android(), IOS()):
        wanted = platform.capabilities({"appium:appPackage": HELLO})
        assert wanted["appium:noReset"] is True
        assert "appium:enforceAppInstall" not in wanted
    assert IOS().capabilities({"appium:app": "/builds/App.zip"})["appium:noReset"] is False
