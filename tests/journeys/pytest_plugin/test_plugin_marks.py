"""A session in a cloud is told how each journey went, from the plugin to the cloud's own command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

JOURNEYS = """
from journeys import journey

@journey("Looks and is done")
async def looks(cast):
    await cast.actor("alice")

@journey("Looks in vain")
async def looks_in_vain(cast):
    await cast.actor("alice")
    assert False, "nothing there"
"""


@pytest.fixture
def device() -> Iterator[ScriptedDevice]:
    """A phone in a cloud that answers its questions, too."""
    scripted = ScriptedDevice()
    scripted.screen = [Widget((0, 0, 400, 40), label="Sample", identifier="title")]
    scripted.on_request["GET /app-automate/plan.json"] = lambda _: {}
    yield scripted
    scripted.close()


def test_each_journey_marks_the_session_it_was_played_in(
    run: Run, here: Project, device: ScriptedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSERSTACK_USERNAME", "ada")
    monkeypatch.setenv("BROWSERSTACK_ACCESS_KEY", "secret")
    (here.path / "targets.toml").write_text(
        f'[targets.far]\nplatform = "android"\napp_id = "{APP}"\nprovider = "browserstack"\n'
        f'[targets.far.provider_options]\nurl = "{device.address}"\napi_url = "{device.address}"\n'
        'deviceName = "Pixel 9"\n'
    )
    run("--journey-target=far", test_it=JOURNEYS).assert_outcomes(passed=1, failed=1)
    said = [name.partition(": ")[2] for name, _ in device.scripts if name.startswith("browserstack_executor")]
    assert [json.loads(each)["arguments"] for each in said] == [
        {"status": "passed", "reason": "passed: looks"},
        {"status": "failed", "reason": "did not pass: looks_in_vain"},
    ]
