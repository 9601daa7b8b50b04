"""What is kept of a device when a journey has failed, and what is not asked for any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flutter_bridge import AppUnreachable, SemanticsMissing, by
from flutter_bridge.appium import AppiumApp, open_appium_app
from flutter_bridge.evidence import HIDDEN
from tests.flutter_bridge.appium.scripted_device import Failure, ScriptedDevice, text_field
from tests.flutter_bridge.appium.scripted_phone import BUNDLE, Piece, ScriptedPhone

LOG, SHOT = "POST /se/log", "GET /screenshot"


def entry(message: str, *, ago: float = 0.0) -> dict[str, object]:
    return {"timestamp": round((time.time() - ago) * 1000), "level": "ALL", "message": message}


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


async def test_the_screen_and_the_log_since_the_app_was_started_are_kept(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path
) -> None:
    asked: list[object] = []

    def answer(body: dict[str, Any]) -> list[dict[str, object]]:
        asked.append(body["type"])
        return [entry("of the journey before", ago=60), entry("I flutter : signed in")]

    device.on_request[LOG] = answer
    await app.keep_evidence(tmp_path / "kept", "alice")
    assert files(tmp_path / "kept") == {"alice-screen.png", "alice-logcat.log"}
    assert asked == ["logcat"]
    assert (tmp_path / "kept" / "alice-logcat.log").read_text() == "I flutter : signed in\n"
    with Image.open(tmp_path / "kept" / "alice-screen.png") as picture:
        assert picture.size == (800, 1200)


async def test_of_another_host_with_a_clock_of_its_own_the_log_is_kept_as_well(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flutter_bridge.appium.driver.is_loopback", lambda _: False)
    hour = 3600.0
    device.on_request[LOG] = lambda _: [entry("long before", ago=2 * hour), entry("just now", ago=hour)]
    await app.keep_evidence(tmp_path, "alice")
    assert (tmp_path / "alice-logcat.log").read_text() == "just now\n"


async def test_what_was_typed_into_a_field_that_hides_it_is_hidden(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path
) -> None:
    fields = [("name", "Ada Lovelace"), ("secret", "hunter2000")]
    device.screen = [
        text_field(name, (0, 100 * number, 400, 40), password=name == "secret")
        for number, (name, _) in enumerate(fields)
    ]
    for name, text in fields:
        await app.enter_text(by.identifier(name), text)
    device.on_request[LOG] = lambda _: [entry(f"set text: {text}") for _, text in fields]
    await app.keep_evidence(tmp_path, "alice")
    said = (tmp_path / "alice-logcat.log").read_text()
    assert said == f"set text: Ada Lovelace\nset text: {HIDDEN}\n"


@pytest.mark.parametrize("refused", [LOG, SHOT])
async def test_what_the_driver_refuses_is_left_out(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path, refused: str
) -> None:
    device.on_request[LOG] = lambda _: [entry("I flutter : hello")]
    device.failing[refused] = Failure("unknown error", "not allowed here")
    await app.keep_evidence(tmp_path, "alice")
    there = {LOG: "alice-screen.png", SHOT: "alice-logcat.log"}
    assert files(tmp_path) == {there[refused]}


@pytest.mark.parametrize("answer", [None, [], [{"timestamp": "?"}], "no log"])
async def test_of_an_answer_that_is_no_log_nothing_is_written(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path, answer: object
) -> None:
    device.on_request[LOG] = lambda _: answer
    await app.keep_evidence(tmp_path, "alice")
    assert files(tmp_path) == {"alice-screen.png"}


async def test_a_folder_that_can_not_be_written_to_is_nobodys_error(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path
) -> None:
    device.on_request[LOG] = lambda _: [entry("I flutter : hello")]
    (tmp_path / "taken").touch()
    await app.keep_evidence(tmp_path / "taken", "alice")


async def test_of_a_lost_session_only_the_log_is_asked_for(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path
) -> None:
    """Appium has it where the driver's server on the device stopped, and it says why that did."""
    device.on_request[LOG] = lambda _: [entry("F libc    : Fatal signal 9")]
    device.failing["GET /source"] = Failure("unknown error", "the instrumentation process is not running")
    with pytest.raises(AppUnreachable):
        await app.semantics()
    device.requests.clear()
    await app.keep_evidence(tmp_path, "alice")
    assert (device.requests, files(tmp_path)) == ([LOG], {"alice-logcat.log"})


async def test_an_appium_that_is_gone_leaves_nothing(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path
) -> None:
    device.dead = True
    await app.keep_evidence(tmp_path, "alice")
    assert (device.requests, files(tmp_path)) == ([], set())


async def test_a_device_that_hangs_is_not_waited_for(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flutter_bridge.appium.driver.EVIDENCE_TIMEOUT_S", 0.1)
    go_on = device.hang_at(SHOT)
    try:
        await app.keep_evidence(tmp_path, "alice")
    finally:
        go_on()
    assert app.session.is_lost
    assert files(tmp_path) == set()


async def test_a_closed_app_keeps_nothing(app: AppiumApp, device: ScriptedDevice, tmp_path: Path) -> None:
    await app.close()
    await app.keep_evidence(tmp_path, "alice")
    assert (device.requests, files(tmp_path)) == ([], set())


async def test_an_app_that_does_not_start_leaves_it_under_its_targets_name(
    device: ScriptedDevice, open_app: Callable[..., Any], tmp_path: Path
) -> None:
    device.on_request[LOG] = lambda _: [entry("E flutter : nobody catches it")]
    with pytest.raises(SemanticsMissing):
        async with open_app(artifacts=tmp_path, start_timeout=0.1, target="pixel"):
            pass
    assert files(tmp_path) == {"pixel-1.png", "pixel-screen.png", "pixel-logcat.log"}


async def test_an_iphone_has_a_syslog(tmp_path: Path) -> None:
    phone = ScriptedPhone()
    phone.pieces = [Piece("StaticText", (0, 50, 390, 40), "Sample", "title")]
    phone.on_request[LOG] = lambda body: [entry(f"{body['type']} of Runner")]
    try:
        async with open_appium_app(
            server=phone.address,
            capabilities={"platformName": "iOS", "bundleId": BUNDLE},
            artifacts=tmp_path,
            target="ios",
        ) as app:
            await app.keep_evidence(tmp_path, "alice")
    finally:
        phone.close()
    assert files(tmp_path) == {"alice-screen.png", "alice-syslog.log"}
    assert (tmp_path / "alice-syslog.log").read_text() == "syslog of Runner\n"
