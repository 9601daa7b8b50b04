"""The adb of a stand-in, run as tools run it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fake_android.connected_phone import SERVER_PORT
from fake_android.daemon import Daemon
from tests.android_package import sample_package
from tests.fake_android.scripted_phone import PACKAGE, ScriptedPhone, adb, running_daemon


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    async with running_daemon(tmp_path / "sdk") as daemon:
        yield daemon


@pytest.fixture
def phone(daemon: Daemon) -> ScriptedPhone:
    phone = daemon.phones["stand-in-1"].device
    assert isinstance(phone, ScriptedPhone)
    return phone


async def test_phones_are_listed(tmp_path: Path) -> None:
    async with running_daemon(tmp_path, devices=2) as daemon:
        assert await adb(daemon, "devices") == (
            0,
            "List of devices attached\nstand-in-1\tdevice\nstand-in-2\tdevice\n\n",
            "",
        )
        assert "model:Flutter_stand_in" in (await adb(daemon, "devices", "-l"))[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-s", "emulator-5554", "shell", "ls"], 1, "error: device 'emulator-5554' not found\n"),
        (["frobnicate"], 1, "adb: unknown command frobnicate\n"),
        (["shell", "frobnicate", "-x"], 127, "/system/bin/sh: frobnicate: inaccessible or not found\n"),
        (["shell", "cat", "/sdcard/none"], 1, "cat: /sdcard/none: No such file or directory\n"),
        (
            ["pull", "/sdcard/none"],
            1,
            "adb: error: failed to stat remote object '/sdcard/none': No such file or directory\n",
        ),
        (["push", "none", "/sdcard/"], 1, "adb: error: cannot stat 'none': No such file or directory\n"),
        (["forward", "--remove", "tcp:1"], 1, "adb: error: listener 'tcp:1' not found\n"),
        (["emu", "kill"], 1, "adb: emu command only works with an emulator\n"),
    ],
)
async def test_what_there_is_not(daemon: Daemon, arguments: list[str], code: int, message: str) -> None:
    assert await adb(daemon, *arguments) == (code, "", message)


async def test_two_phones_and_none_named(tmp_path: Path) -> None:
    async with running_daemon(tmp_path, devices=2) as daemon:
        assert await adb(daemon, "shell", "ls") == (1, "", "adb: more than one device/emulator\n")
        assert (await adb(daemon, "-s", "stand-in-2", "get-serialno"))[1] == "stand-in-2\n"


async def test_what_the_phone_is(daemon: Daemon) -> None:
    assert (await adb(daemon, "shell", "getprop", "ro.build.version.sdk"))[1] == "34\n"
    assert (await adb(daemon, "shell", "getprop ro.build.version.release"))[1] == "14\n"
    assert (await adb(daemon, "shell", "wm", "size"))[1] == "Physical size: 400x800\n"


async def test_settings_last_until_deleted(daemon: Daemon) -> None:
    await adb(daemon, "shell", "settings put global a 1;settings put global b 2")
    assert (await adb(daemon, "shell", "settings", "get", "global", "b"))[1] == "2\n"
    await adb(daemon, "shell", "settings delete global b")
    assert (await adb(daemon, "shell", "settings", "get", "global", "b"))[1] == "null\n"


async def test_files_go_there_and_back(daemon: Daemon, phone: ScriptedPhone, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\x00\xffpicture")
    code, _, _ = await adb(daemon, "push", "picture", "/sdcard/Download/a b", folder=tmp_path)
    assert (code, phone.stored) == (0, {"/sdcard/Download/a b": b"\x00\xffpicture"})
    await adb(daemon, "pull", "/sdcard/Download/a b", "back", folder=tmp_path)
    assert (tmp_path / "back").read_bytes() == b"\x00\xffpicture"
    assert (await adb(daemon, "shell", "ls", "/sdcard/Download"))[1] == "a b\n"
    assert (await adb(daemon, "shell", "[ -e '/sdcard/Download/a b' ] && echo yes"))[1] == "yes\n"
    await adb(daemon, "shell", "rm", "-f", "'/sdcard/Download/a b'")
    assert (await adb(daemon, "shell", "[ -e '/sdcard/Download/a b' ] && echo yes"))[:2] == (1, "")


async def test_output_is_written_to_a_file(daemon: Daemon, phone: ScriptedPhone) -> None:
    await adb(daemon, "shell", "echo hello > /sdcard/said")
    assert phone.stored == {"/sdcard/said": b"hello\n"}


async def test_a_picture_of_the_screen_is_bytes_as_they_are(daemon: Daemon, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        daemon.sdk_root / "platform-tools" / "adb",
        *("exec-out", "screencap", "-p"),
        env=daemon.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert out.startswith(b"\x89PNG\r\n")


async def test_apps_start_and_stop(daemon: Daemon, phone: ScriptedPhone) -> None:
    _, out, _ = await adb(
        daemon, "shell", "am", "start-activity", "-W", "-n", f"{PACKAGE}/.MainActivity", "-S"
    )
    assert "Status: ok" in out
    assert phone.started == [(PACKAGE, None)]
    _, out, _ = await adb(daemon, "shell", "dumpsys", "window", "displays")
    assert re.search(rf"mFocusedApp=ActivityRecord\{{.* {PACKAGE}/.MainActivity t1\}}", out)
    _, first, _ = await adb(daemon, "shell", "pidof", PACKAGE)
    await adb(daemon, "shell", "am", "force-stop", PACKAGE)
    assert await adb(daemon, "shell", "pidof", PACKAGE) == (1, "", "")
    await adb(daemon, "shell", "am", "start", "-n", f"{PACKAGE}/.MainActivity")
    _, second, _ = await adb(daemon, "shell", "pidof", PACKAGE)
    assert first != second


@pytest.mark.parametrize("is_up", [True, False])
async def test_the_keyboard_is_told_as_the_driver_asks(
    daemon: Daemon, phone: ScriptedPhone, *, is_up: bool
) -> None:
    phone.keyboard_up = is_up
    _, out, _ = await adb(daemon, "shell", "dumpsys", "input_method")
    for name in ("mInputShown", "mIsInputViewShown"):
        assert f"{name}={str(is_up).lower()}" in out


async def test_appiums_input_methods_have_no_keyboard(daemon: Daemon, phone: ScriptedPhone) -> None:
    """As the driver takes one and puts back what was there."""
    get = "shell", "settings", "get", "secure", "default_input_method"
    _, before, _ = await adb(daemon, *get)
    assert before.strip().endswith("LatinIME")
    for name, shown in (("io.appium.settings/.EmptyIME", False), (before.strip(), True)):
        await adb(daemon, "shell", "ime", "enable", name)
        await adb(daemon, "shell", "ime", "set", name)
        assert (await adb(daemon, *get))[1].strip() == name
        assert phone.has_keyboard is shown
    code, _, said = await adb(daemon, "shell", "ime", "set", "org.example/.Other")
    assert (code, "Unknown input method" in said) == (255, True)


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("app://open/people/42", "/people/42"),
        ("https://example.org/people/42?tab=1", "/people/42?tab=1"),
        ("http://127.0.0.1:9/feed", "/feed"),
    ],
)
async def test_a_link_opens_the_app_there(daemon: Daemon, phone: ScriptedPhone, link: str, path: str) -> None:
    await adb(
        daemon, "shell", "am", "start", "-W", "-a", "android.intent.action.VIEW", "-d", f"'{link}'", PACKAGE
    )
    assert phone.started == [(PACKAGE, path)]


async def test_a_link_that_no_app_claims(daemon: Daemon, phone: ScriptedPhone) -> None:
    code, out, _ = await adb(daemon, "shell", "am start -a android.intent.action.VIEW -d app://nobody/1")
    assert code == 1
    assert "unable to resolve Intent" in out
    assert phone.started == []


async def test_an_activity_that_is_not_there(daemon: Daemon) -> None:
    _, out, _ = await adb(daemon, "shell", "am", "start", "-n", f"{PACKAGE}/.Other")
    assert f"Error: Activity class {{{PACKAGE}/.Other}} does not exist." in out


async def test_an_app_that_nobody_serves_is_said_in_a_line(daemon: Daemon, phone: ScriptedPhone) -> None:
    phone.unreachable = True
    code, _, err = await adb(daemon, "shell", "am", "start", "-n", f"{PACKAGE}/.MainActivity")
    assert (code, err) == (1, f"error: nobody serves {PACKAGE}\n")


async def test_data_is_cleared(daemon: Daemon, phone: ScriptedPhone) -> None:
    assert (await adb(daemon, "shell", "pm", "clear", PACKAGE))[1] == "Success\n"
    assert phone.cleared == [PACKAGE]
    assert (await adb(daemon, "shell", "pm", "clear", "org.nobody"))[1] == "Failed\n"


async def test_a_package_is_installed_and_removed(
    daemon: Daemon, phone: ScriptedPhone, tmp_path: Path
) -> None:
    path = sample_package(tmp_path / "app.apk", "org.other", version=3, url="http://127.0.0.1:9/")
    code, out, _ = await adb(daemon, "install", str(path))
    assert (code, out) == (0, "Performing Streamed Install\nSuccess\n")
    app = phone.apps["org.other"]
    assert (app.version, app.activity, app.url) == (3, "org.other.MainActivity", "http://127.0.0.1:9/")
    assert "versionName=3.0\n" in (await adb(daemon, "shell", "dumpsys", "package", "org.other"))[1]
    where = (await adb(daemon, "shell", "pm", "path", "org.other"))[1].strip().removeprefix("package:")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (await adb(daemon, "shell", "sha256sum", where))[1] == f"{digest}  {where}\n"
    listed = (await adb(daemon, "shell", "cmd", "package", "list", "packages", "--show-versioncode"))[1]
    assert "package:org.other versionCode:3\n" in listed
    assert "INSTALL_FAILED_ALREADY_EXISTS" in (await adb(daemon, "install", str(path)))[2]
    assert (await adb(daemon, "install", "-r", str(path)))[0] == 0
    assert (await adb(daemon, "uninstall", "org.other"))[1] == "Success\n"
    assert "Failure" in (await adb(daemon, "uninstall", "org.other"))[1]


async def test_an_older_version_is_not_installed_over_a_newer(daemon: Daemon, tmp_path: Path) -> None:
    path = sample_package(tmp_path / "app.apk", PACKAGE, version=1, url="http://127.0.0.1:9/")
    code, _, err = await adb(daemon, "install", "-r", str(path))
    assert code == 1
    assert "INSTALL_FAILED_VERSION_DOWNGRADE" in err


async def test_a_package_of_android_code_is_refused(daemon: Daemon, tmp_path: Path) -> None:
    path = sample_package(tmp_path / "real.apk", "org.other")
    code, _, err = await adb(daemon, "install", str(path))
    assert code == 1
    assert "runs no Android code" in err
    with zipfile.ZipFile(tmp_path / "none.apk", "w") as written:
        written.writestr("classes.dex", b"dex")
    assert "INSTALL_PARSE_FAILED_NOT_APK" in (await adb(daemon, "install", str(tmp_path / "none.apk")))[2]


async def test_keys_and_fingers(daemon: Daemon, phone: ScriptedPhone) -> None:
    await adb(daemon, "shell", "input", "keyevent", "4")
    await adb(daemon, "shell", "input", "text", "a%sb")
    await adb(daemon, "shell", "input", "tap", "10", "20")
    await adb(daemon, "shell", "input", "swipe", "10", "20", "30", "40", "50")
    assert phone.keys == [(4, 0, False)]
    assert phone.typed == ["a b"]
    (tap,), (swipe,) = phone.touches
    assert [(step.x, step.y, step.down) for step in tap] == [(10, 20, True), (10, 20, False)]
    assert (swipe[0].x, swipe[-1].x, swipe[-1].at) == (10, 30, 0.05)


async def test_a_server_runs_until_it_is_stopped(daemon: Daemon) -> None:
    _, port, _ = await adb(daemon, "forward", "tcp:0", "tcp:6790")
    assert (await adb(daemon, "forward", "--list"))[1] == f"stand-in-1 tcp:{port.strip()} tcp:6790\n"
    url = f"http://127.0.0.1:{port.strip()}/status"
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.get(url)
        await adb(daemon, "shell", "am", "force-stop", "io.appium.uiautomator2.server")
        instrumented = asyncio.create_task(instrument(daemon))
        assert (await client.get(url)).json()["value"]["ready"] is True
        assert "io.appium.uiautomator2.server" in (await adb(daemon, "shell", "ps", "-A"))[1]
        assert not instrumented.done()
        await adb(daemon, "shell", "am", "force-stop", "io.appium.uiautomator2.server")
        assert "Process crashed" in (await instrumented)[1]
    assert "io.appium.uiautomator2.server" not in (await adb(daemon, "shell", "ps", "-A"))[1]


async def instrument(daemon: Daemon) -> tuple[int, str, str]:
    runner = "io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner"
    return await adb(daemon, "shell", "am", "instrument", "-w", runner)


async def test_a_port_that_is_taken(daemon: Daemon) -> None:
    taken = daemon.url.rpartition(":")[2]
    code, _, err = await adb(daemon, "forward", f"tcp:{taken}", "tcp:6790")
    assert code == 1
    assert "cannot bind listener" in err


def bearer(daemon: Daemon) -> dict[str, str]:
    return {"Authorization": f"Bearer {daemon.token}"}


async def test_a_pulled_cable_ends_what_ran_through_it(daemon: Daemon) -> None:
    _, port, _ = await adb(daemon, "forward", "tcp:0", "tcp:6790")
    instrumented = asyncio.create_task(instrument(daemon))
    async with httpx.AsyncClient(headers=bearer(daemon)) as client:
        daemon.phones["stand-in-1"].expect_server()
        assert await daemon.phones["stand-in-1"].service_on(SERVER_PORT)
        fault = await client.put(f"{daemon.url}/devices/stand-in-1/faults", json={"unplugged": True})
        assert fault.json()["plugged"] is False
        assert (await instrumented)[::2] == (1, "error: closed\n")
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port.strip()}/status")
        assert (await adb(daemon, "devices"))[1] == "List of devices attached\n\n"
        assert await adb(daemon, "shell", "ls") == (1, "", "error: no devices/emulators found\n")
        waiting = asyncio.create_task(adb(daemon, "wait-for-device"))
        await client.put(f"{daemon.url}/devices/stand-in-1/faults", json={"unplugged": False})
        assert (await waiting)[0] == 0


async def test_a_dialog_is_put_over_everything(daemon: Daemon, phone: ScriptedPhone) -> None:
    async with httpx.AsyncClient(base_url=daemon.url, headers=bearer(daemon)) as client:
        await client.put("/devices/stand-in-1/faults", json={"dialog": "permission"})
        assert phone.dialogs == ["permission"]
        refused = await client.put("/devices/stand-in-1/faults", json={"dialog": "pizza"})
        assert (refused.status_code, phone.dialogs) == (400, ["permission"])
        assert (await client.put("/devices/nobody/faults", json={})).status_code == 404


async def test_the_log_goes_on_until_nobody_reads_it(daemon: Daemon) -> None:
    process = await asyncio.create_subprocess_exec(
        daemon.sdk_root / "platform-tools" / "adb", "logcat", env=daemon.environment
    )
    assert (await adb(daemon, "logcat", "-c"))[0] == 0
    assert process.returncode is None
    process.terminate()
    await process.wait()


async def test_a_daemon_that_is_gone_is_said_in_a_line(tmp_path: Path) -> None:
    async with running_daemon(tmp_path) as daemon:
        pass
    code, out, err = await adb(daemon, "devices")
    assert (code, out) == (1, "")
    assert err.startswith(f"adb: the stand-in at {daemon.url} is gone (")
    assert err.count("\n") == 1
