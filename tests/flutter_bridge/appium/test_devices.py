"""Which device is meant, as adb sees them: here a script in adb's place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flutter_bridge import DeviceMissing
from flutter_bridge.appium import devices
from flutter_bridge.appium.devices import AdbDevice, android_home, find_adb, find_device, list_devices

PIXEL = "emulator-5554          device product:sdk_gphone64 model:Pixel_8_Pro device:emu64x transport_id:1"
FAIRPHONE = "0123456789ABCDEF       device usb:1-1 product:FP5 model:FP5 device:FP5 transport_id:2"
LOCKED = "R58M000000             unauthorized usb:1-2 transport_id:3"
LOST = "192.0.2.7:5555         offline product:x model:Tab device:x transport_id:4"
FORBIDDEN = "????????????           no permissions (missing udev rules?); see [a page] usb:1-3 transport_id:5"

Write = Callable[..., Path]


@pytest.fixture
def adb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Put an adb into an SDK that the environment names, which sees the devices of these lines."""
    for name in devices.SDK_VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def write(*lines: str, then: str = "") -> Path:
        listed = tmp_path / "devices"
        listed.write_text(
            "\n".join(["* daemon started successfully", "List of devices attached", *lines, ""])
        )
        script = tmp_path / "sdk" / "platform-tools" / "adb"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(
            f"#!/bin/sh\n{then}\n"
            'case "$*" in\n'
            f'  "devices -l") cat "{listed}" ;;\n'
            '  "-s emulator-5554 shell getprop ro.build.version.sdk") echo 35 ;;\n'
            '  "-s 0123456789ABCDEF shell getprop ro.build.version.sdk") echo 33 ;;\n'
            '  *) echo "error: device not found" >&2; exit 1 ;;\n'
            "esac\n"
        )
        script.chmod(0o755)
        monkeypatch.setenv("ANDROID_HOME", str(tmp_path / "sdk"))
        return script

    return write


async def test_all_are_listed_with_what_tells_them_apart(adb: Write) -> None:
    adb(PIXEL, FAIRPHONE, LOCKED, LOST, FORBIDDEN)
    assert await list_devices() == [
        AdbDevice("emulator-5554", "device", "Pixel 8 Pro", 35),
        AdbDevice("0123456789ABCDEF", "device", "FP5", 33),
        AdbDevice("R58M000000", "unauthorized"),
        AdbDevice("192.0.2.7:5555", "offline", "Tab"),
        AdbDevice("????????????", "no permissions"),
    ]


async def test_the_only_one_that_can_be_used_is_meant(adb: Write) -> None:
    adb(LOCKED, PIXEL, LOST)
    assert (await find_device()).serial == "emulator-5554"


async def test_one_may_be_named(adb: Write) -> None:
    adb(PIXEL, FAIRPHONE)
    assert await find_device("0123456789ABCDEF") == AdbDevice("0123456789ABCDEF", "device", "FP5", 33)


async def test_of_several_one_has_to_be_named(adb: Write) -> None:
    adb(PIXEL, FAIRPHONE, LOCKED)
    with pytest.raises(DeviceMissing) as refused:
        await find_device()
    assert str(refused.value) == (
        "there are 2 devices, emulator-5554 (Pixel 8 Pro, API 35), 0123456789ABCDEF (FP5, API 33):"
        " name one by its serial"
    )


async def test_a_named_one_has_to_be_there(adb: Write) -> None:
    adb(PIXEL)
    with pytest.raises(DeviceMissing) as refused:
        await find_device("emulator-5556")
    assert str(refused.value) == (
        "adb sees no device emulator-5556: there is emulator-5554 (Pixel 8 Pro, API 35)"
    )


async def test_no_device_says_what_to_do(adb: Write) -> None:
    adb()
    with pytest.raises(DeviceMissing, match=r"^adb sees no device: start an emulator, or connect a phone"):
        await find_device()
    with pytest.raises(DeviceMissing, match=r"^adb sees no device mine: it sees none$"):
        await find_device("mine")


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("line", "serial", "advice"),
    [
        (LOCKED, "R58M000000", "doesn't trust this computer: unlock it and allow USB debugging"),
        (LOST, "192.0.2.7:5555", "is offline: unlock it, reconnect it, or restart the emulator"),
        (FORBIDDEN, "????????????", "may not be opened by this user: add a udev rule"),
        ("mine   rescue transport_id:9", "mine", "is in state 'rescue': start or reconnect it"),
    ],
)
async def test_one_that_cannot_be_used_says_why(
    adb: Write, line: str, serial: str, advice: str, *, named: bool
) -> None:
    adb(line)
    with pytest.raises(DeviceMissing) as refused:
        await find_device(serial if named else None)
    assert str(refused.value).startswith(f"{serial} {advice}")


async def test_none_at_all_is_told_from_one_that_will_not_do(adb: Write) -> None:
    adb()
    with pytest.raises(DeviceMissing) as missing:
        await find_device()
    assert missing.value.none_there
    for seen in ([LOCKED], [PIXEL, FAIRPHONE]):
        adb(*seen)
        with pytest.raises(DeviceMissing) as missing:
            await find_device()
        assert not missing.value.none_there


async def test_one_that_goes_away_while_it_is_asked_is_offline(adb: Write) -> None:
    adb("gone   device model:Tab")
    assert await list_devices() == [AdbDevice("gone", "offline", "Tab")]


async def test_an_adb_that_fails_is_quoted(adb: Write) -> None:
    adb(then='echo "* daemon not running" >&2; echo "error: cannot bind" >&2; exit 1')
    with pytest.raises(DeviceMissing, match=r"^`adb devices -l` failed: error: cannot bind$"):
        await list_devices()


async def test_an_adb_that_hangs_is_ended(adb: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "ADB_TIMEOUT_S", 0.05)
    adb(then="exec sleep 60")
    with pytest.raises(DeviceMissing, match=r"^`adb devices -l` did not answer within 0\.05 s"):
        await list_devices()


async def test_an_adb_that_does_not_start_is_said(adb: Write) -> None:
    script = adb()
    script.write_text("#!/nowhere/sh\n")
    with pytest.raises(DeviceMissing, match=r"adb does not start: No such file or directory$"):
        await list_devices()


def test_the_sdk_that_is_named_comes_first(
    adb: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = adb()
    elsewhere = tmp_path / "adb"
    elsewhere.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_adb() == script
    monkeypatch.delenv("ANDROID_HOME")
    assert find_adb() == elsewhere
    monkeypatch.setenv("ANDROID_SDK_ROOT", str(tmp_path / "sdk"))
    assert find_adb() == script


def test_android_studios_own_is_found(tmp_path: Path, adb: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Android").mkdir()
    sdk = adb().parents[1].rename(tmp_path / "Android" / "Sdk")
    monkeypatch.delenv("ANDROID_HOME")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_adb() == sdk / "platform-tools" / "adb"
    assert android_home(find_adb()) == sdk


def test_an_adb_outside_of_an_sdk_has_no_home(tmp_path: Path) -> None:
    assert android_home(tmp_path / "adb") is None


def test_a_named_sdk_without_adb_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_HOME", str(tmp_path))
    with pytest.raises(DeviceMissing, match=r"^no adb at .*/platform-tools/adb: install the SDK's"):
        find_adb()


def test_no_adb_at_all_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in devices.SDK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DeviceMissing, match=r"^no adb to find an Android device with") as missing:
        find_adb()
    assert missing.value.none_there
