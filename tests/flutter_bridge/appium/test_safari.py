"""What XCUITest is asked for a web build in Safari, by a server that plays the driver: no phone is here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import by
from flutter_bridge.mobile_web import open_mobile_web_app
from tests.flutter_bridge.appium.scripted_device import Failure, ScriptedDevice

BUTTON = {"t": "flt-semantics", "i": "flt-semantic-node-1", "a": {"role": "button"}, "b": [40, 60, 100, 40]}
SCREEN = {"version": 1, "url": "", "width": 390, "height": 664, "ratio": 3, "flutter": True}
CALIBRATION = "mobile: calibrateWebToRealCoordinatesTranslation"


class ScriptedSafari(ScriptedDevice):
    """Safari with a page that `page.js` has to be brought into; `loaded` are the addresses it was sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.brought: list[int] = []
        self.answers = {"browserName": "Safari"}
        self.on_script[CALIBRATION] = lambda _: {
            "offsetX": 0,
            "offsetY": 90,
            "pixelRatioX": 1,
            "pixelRatioY": 1.5,
        }
        self.on_request |= {
            "POST /timeouts": lambda _: None,
            "GET /window": lambda _: "page-1",
            "GET /window/handles": lambda _: ["page-1"],
            "POST /url": lambda body: self.loaded.append(body["url"]),
            "POST /execute/async": self._ask,
        }

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        if path.endswith("/goog/cdp/execute"):
            raise Failure("unknown method", "Method has not yet been implemented", 405)
        return super().answer(method, path, body)

    def _script(self, name: str, arguments: dict[str, Any]) -> Any:
        if "__flutterBridge" in name:
            self.brought.append(len(self.loaded))
            return None
        return super()._script(name, arguments)

    def _ask(self, body: dict[str, Any]) -> Any:
        _, function, _given = body["args"]
        if not self.brought or self.brought[-1] < len(self.loaded):
            return {"missing": True}
        node = BUTTON | {"x": "Press"}
        answers = {
            "read": json.dumps(SCREEN | {"url": self.loaded[-1], "nodes": [node]}),
            "rest": {"box": BUTTON["b"], "covers": [None], "still": True},
            "missed": None,
            "isAt": False,
            "touch": True,
            "quiet": 1,
        }
        return {"value": answers[function]}


@pytest.fixture
def safari() -> Iterator[ScriptedSafari]:
    scripted = ScriptedSafari()
    yield scripted
    scripted.close()


async def test_a_tap_goes_to_where_the_page_is_on_the_screen(safari: ScriptedSafari, tmp_path: Path) -> None:
    capabilities = {"platformName": "iOS", "appium:automationName": "XCUITest", "browserName": "Safari"}
    async with open_mobile_web_app(
        server=safari.address, capabilities=capabilities, url="http://127.0.0.1:1", artifacts=tmp_path
    ) as app:
        await app.tap(by.label("Press"))
        asked = [request for request in safari.requests if request.startswith(("mobile:", "POST /url"))]
        # It shows a page of its own, so it is asked before the app is there.
        assert asked == [CALIBRATION, "POST /url"]
        (steps,) = safari.touches
        assert (steps[0]["x"], steps[0]["y"]) == (90, 90 + 80 * 1.5)
    assert not safari.open


async def test_the_script_is_brought_into_each_document(safari: ScriptedSafari, tmp_path: Path) -> None:
    capabilities = {"platformName": "iOS", "appium:automationName": "XCUITest", "browserName": "Safari"}
    async with open_mobile_web_app(
        server=safari.address, capabilities=capabilities, url="http://127.0.0.1:1", artifacts=tmp_path
    ) as app:
        await app.open("/people/42")
        assert (await app.find(by.label("Press"))).identifier == ""
    assert safari.loaded == ["http://127.0.0.1:1/", "http://127.0.0.1:1/people/42"]
    assert safari.brought == [1, 2]
