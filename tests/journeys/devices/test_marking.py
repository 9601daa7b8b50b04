"""Clouds see commands, not verdicts: after each journey its session is marked in its provider's own pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flutter_bridge.appium import open_appium_session
from journeys.devices.providers import PROVIDERS
from journeys.devices.sessions import AppiumStage, DevicePool, Marking, PlayedJourney
from journeys.targets import Target
from tests.flutter_bridge.appium.scripted_device import APP, Failure, ScriptedDevice, Widget

BROWSERSTACK = "browserstack_executor: "


@pytest.fixture
def device() -> Iterator[ScriptedDevice]:
    scripted = ScriptedDevice()
    scripted.screen = [Widget((0, 0, 400, 40), label="Sample", identifier="title")]
    yield scripted
    scripted.close()


@pytest.fixture
def pool(device: ScriptedDevice) -> DevicePool:
    """One phone of a cloud, whose session is kept for the journeys to come."""
    capabilities = {"platformName": "Android", "appPackage": APP}
    return DevicePool(
        "far",
        (),
        lambda _: open_appium_session(server=device.address, capabilities=capabilities, frames="screenshots"),
    )


async def play(pool: DevicePool, marking: Marking, provider: str, outcomes: dict[str, bool | None]) -> None:
    """Play journeys one after the other, each failing or not."""
    async with pool:
        for journey, failed in outcomes.items():
            stage = AppiumStage(
                pool,
                Target(name="far", platform="android", provider=provider),
                name="far",
                links=None,
                evidence=Path(),
                transit=0.1,
                marking=marking,
                played=PlayedJourney(journey, lambda failed=failed: failed),  # type: ignore[misc]  # bound now
            )
            async with stage.open("alice"):
                pass


def marks(device: ScriptedDevice) -> list[str]:
    return [name for name, _ in device.scripts if name.startswith((BROWSERSTACK, "sauce:"))]


async def test_a_session_passes_as_long_as_all_its_journeys_do(
    device: ScriptedDevice, pool: DevicePool
) -> None:
    await play(pool, Marking(), "browserstack", {"looks": False, "acts": True, "leaves": False})
    said = [json.loads(script.removeprefix(BROWSERSTACK)) for script in marks(device)]
    assert {each["action"] for each in said} == {"setSessionStatus"}
    assert [each["arguments"] for each in said] == [
        {"status": "passed", "reason": "passed: looks"},
        {"status": "failed", "reason": "did not pass: acts"},
        {"status": "failed", "reason": "did not pass: acts"},
    ]


async def test_what_was_cut_short_says_nothing(device: ScriptedDevice, pool: DevicePool) -> None:
    await play(pool, Marking(), "saucelabs", {"looks": False, "acts": None})
    assert marks(device) == ["sauce:job-result=passed"]


async def test_a_provider_without_marks_is_not_told(device: ScriptedDevice, pool: DevicePool) -> None:
    await play(pool, Marking(), "grid", {"looks": False})
    assert marks(device) == []
    assert {name for name in PROVIDERS if PROVIDERS[name].mark(passed=True, reason="") is not None} == {
        "browserstack",
        "saucelabs",
    }


async def test_a_mark_that_is_refused_costs_nothing(device: ScriptedDevice, pool: DevicePool) -> None:
    device.failing["sauce:job-result=failed"] = Failure("unknown error", "no such job")
    await play(pool, Marking(), "saucelabs", {"looks": True, "acts": False})
    assert device.requests.count("sauce:job-result=failed") == 2
    assert device.requests.count("POST /session") == 1, "the session was still of use"


def test_no_reason_is_longer_than_is_taken() -> None:
    script = PROVIDERS["browserstack"].mark(passed=False, reason='a "long" reason ' * 100)
    assert script is not None
    assert len(json.loads(script.removeprefix(BROWSERSTACK))["arguments"]["reason"]) == 255
