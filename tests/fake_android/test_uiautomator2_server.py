"""The UiAutomator2 server of a stand-in, asked as the driver asks it."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from lxml import etree
from PIL import Image

from fake_android.connected_phone import ConnectedPhone
from fake_android.device import AndroidNode, DeviceGone, PhoneSetup, PixelBounds
from fake_android.page_source import LookupSettings
from fake_android.uiautomator2 import UiAutomatorServer
from fake_android.uiautomator2.session import UiAutomatorSession
from tests.fake_android.scripted_phone import BUTTON, FIELD, LIST, PACKAGE, ScriptedPhone, window

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def phone() -> ScriptedPhone:
    return ScriptedPhone(PhoneSetup("stand-in-1", pixel_ratio=2.0))


@pytest.fixture
async def client(phone: ScriptedPhone) -> AsyncIterator[httpx.AsyncClient]:
    server = UiAutomatorServer(ConnectedPhone(phone), 0)
    transport = httpx.ASGITransport(server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://phone") as client:
        capabilities = {"firstMatch": [{"appPackage": PACKAGE}], "alwaysMatch": {}}
        created = await client.post("/session", json={"capabilities": capabilities})
        client.base_url = httpx.URL(f"http://phone/session/{created.json()['sessionId']}/")
        await client.post("appium/settings", json={"settings": {"waitForIdleTimeout": 0}})
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Return what posts a command, or gets an answer where there is no body, and returns its value."""

    async def value(path: str, body: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        answer = await (client.get(path) if body is None else client.post(path, json=body))
        assert answer.status_code == status, answer.text
        return answer.json()["value"]

    return value


async def find_element(ask: Ask, strategy: str, selector: str, **more: object) -> str:
    element = await ask("element", {"strategy": strategy, "selector": selector, "context": "", **more})
    return str(element[ELEMENT])


def points(phone: ScriptedPhone, finger: int = 0) -> list[tuple[float, float]]:
    return [(step.x, step.y) for step in phone.touches[-1][finger]]


@pytest.mark.parametrize(
    ("strategy", "selector"),
    [
        ("accessibility id", "Save"),
        ("class name", "android.widget.Button"),
        ("xpath", "//android.widget.Button[@content-desc='Save']"),
        ("-android uiautomator", 'new UiSelector().resourceId("save")'),
    ],
)
async def test_an_element_is_found_and_clicked_in_its_middle(
    ask: Ask, phone: ScriptedPhone, strategy: str, selector: str
) -> None:
    element = await find_element(ask, strategy, selector)
    await ask(f"element/{element}/click", {"element": element})
    assert points(phone) == [(200, 230), (200, 230)]
    assert [step.down for step in phone.touches[-1][0]] == [True, False]


async def test_an_id_gets_the_apps_package_unless_told_otherwise(ask: Ask) -> None:
    refused = await ask("element", {"strategy": "id", "selector": "save", "context": ""}, status=404)
    assert refused["error"] == "no such element"
    await ask("appium/settings", {"settings": {"disableIdLocatorAutocompletion": True}})
    assert await find_element(ask, "id", "save")


async def test_none_and_several(ask: Ask) -> None:
    assert await ask("elements", {"strategy": "class name", "selector": "android.widget.Switch"}) == []
    assert len(await ask("elements", {"strategy": "xpath", "selector": "//*[@resource-id]"})) == 3


async def test_an_element_is_looked_for_below_another(ask: Ask, phone: ScriptedPhone) -> None:
    inner = AndroidNode(
        content_desc="Save", package=PACKAGE, bounds=PixelBounds(0, 310, 10, 320), ref="inner"
    )
    phone.shown = window(BUTTON, replace(LIST, children=(inner,)))
    context = await find_element(ask, "xpath", "//android.widget.ScrollView")
    element = await find_element(ask, "accessibility id", "Save", context=context)
    assert (await ask(f"element/{element}/rect"))["y"] == 310


async def test_what_an_element_is_like(ask: Ask) -> None:
    field = await find_element(ask, "class name", "android.widget.EditText")
    assert await ask(f"element/{field}/text") == "old"
    assert await ask(f"element/{field}/attribute/resource-id") == "name"
    assert await ask(f"element/{field}/attribute/content-desc") is None
    assert await ask(f"element/{field}/rect") == {"x": 20, "y": 100, "width": 360, "height": 60}
    assert await ask(f"element/{field}/size") == {"width": 360, "height": 60}
    assert (await ask(f"element/{field}/attribute/colour", status=404))["error"] == "unknown command"


async def test_keys_are_added_to_what_a_field_says(ask: Ask, phone: ScriptedPhone) -> None:
    field = await find_element(ask, "class name", "android.widget.EditText")
    await ask(f"element/{field}/value", {"elementId": field, "text": " and new", "replace": False})
    assert await ask(f"element/{field}/text") == "old and new"
    await ask(f"element/{field}/value", {"text": "new", "replace": True})
    assert await ask(f"element/{field}/text") == "new"
    await ask(f"element/{field}/clear", {})
    assert await ask(f"element/{field}/text") == ""
    phone.accepts_text = False
    refused = await ask(f"element/{field}/value", {"text": "more"}, status=400)
    assert refused["error"] == "invalid element state"


async def test_the_element_with_the_focus(ask: Ask, phone: ScriptedPhone) -> None:
    assert (await ask("element/active", status=404))["error"] == "no such element"
    phone.shown = window(replace(FIELD, focused=True))
    active = await ask("element/active")
    assert await ask(f"element/{active[ELEMENT]}/text") == "old"
    await ask("keys", {"text": "er"})
    assert await ask(f"element/{active[ELEMENT]}/text") == "older"


async def test_an_element_that_is_gone(ask: Ask, phone: ScriptedPhone) -> None:
    alone = await find_element(ask, "accessibility id", "Save")
    among = (await ask("elements", {"strategy": "accessibility id", "selector": "Save"}))[0][ELEMENT]
    phone.shown = window(replace(BUTTON, ref="another", bounds=PixelBounds(0, 0, 10, 10)))
    # One that was found alone is looked for again, as on a phone; one of several can't be.
    assert (await ask(f"element/{alone}/rect"))["width"] == 10
    assert (await ask(f"element/{among}/rect", status=404))["error"] == "stale element reference"
    phone.shown = window()
    assert (await ask(f"element/{alone}/click", {}, status=404))["error"] == "stale element reference"
    assert (await ask("element/nonsense/rect", status=404))["error"] == "no such element"
    assert phone.touches == []


async def test_the_page_source(ask: Ask, phone: ScriptedPhone) -> None:
    source = await ask("source")
    assert 'resource-id="save"' in source
    assert 'width="400" height="800"' in source
    phone.shown = window(replace(LIST, children=(replace(BUTTON, children=(FIELD,)),)))
    await ask("appium/settings", {"settings": {"snapshotMaxDepth": 2}})
    source = await ask("source")
    assert "ScrollView" in source
    assert "Button" not in source


async def test_source_and_search_wait_for_rest_as_long_as_told(ask: Ask, phone: ScriptedPhone) -> None:
    await ask("source")
    assert phone.waited == []
    await ask("appium/settings", {"settings": {"waitForIdleTimeout": 1500}})
    await ask("source")
    await find_element(ask, "accessibility id", "Save")
    assert phone.waited == [1.5, 1.5]


def test_lookups_go_by_the_settings_of_their_session(phone: ScriptedPhone) -> None:
    session = UiAutomatorSession(ConnectedPhone(phone), {})
    assert session.lookup_settings == LookupSettings()
    session.settings |= {
        "allowInvisibleElements": True,
        "snapshotMaxDepth": 5,
        "limitXPathContextScope": False,
    }
    assert session.lookup_settings == LookupSettings(
        allow_invisible_elements=True, snapshot_max_depth=5, limit_xpath_context_scope=False
    )


@pytest.mark.parametrize(
    ("settings", "status", "error"),
    [
        ({"frobnicate": True}, 500, "unsupported operation"),
        ({"waitForIdleTimeout": "soon"}, 400, "invalid argument"),
        ({"mjpegServerFramerate": 0}, 400, "invalid argument"),
        ({"allowInvisibleElements": 1}, 400, "invalid argument"),
    ],
)
async def test_settings_that_are_none(ask: Ask, settings: dict[str, Any], status: int, error: str) -> None:
    before = await ask("appium/settings")
    assert (await ask("appium/settings", {"settings": settings}, status=status))["error"] == error
    assert await ask("appium/settings") == before


async def test_pictures_of_the_screen_and_of_an_element(ask: Ask) -> None:
    screen = Image.open(io.BytesIO(base64.b64decode(await ask("screenshot"))))
    assert screen.size == (400, 800)
    element = await find_element(ask, "accessibility id", "Save")
    part = Image.open(io.BytesIO(base64.b64decode(await ask(f"element/{element}/screenshot"))))
    assert part.size == (200, 60)


async def test_the_phone_is_turned(ask: Ask, phone: ScriptedPhone) -> None:
    assert await ask("orientation") == "PORTRAIT"
    await ask("orientation", {"orientation": "LANDSCAPE"})
    assert phone.rotation == 90
    assert await ask("window/current/size") == {"width": 800, "height": 400}
    await ask("rotation", {"x": 0, "y": 0, "z": 180})
    assert await ask("rotation") == {"x": 0, "y": 0, "z": 180}
    assert (await ask("rotation", {"x": 0, "y": 0, "z": 45}, status=400))["error"] == "invalid argument"


async def test_keys_of_the_phone(ask: Ask, phone: ScriptedPhone) -> None:
    await ask("back", {})
    await ask("appium/device/press_keycode", {"keycode": 66, "metastate": 1})
    await ask("appium/device/long_press_keycode", {"keycode": "67"})
    assert phone.keys == [(4, 0, False), (66, 1, False), (67, 0, True)]


async def test_the_clipboard(ask: Ask) -> None:
    content = base64.b64encode("Zoë".encode()).decode()
    await ask("appium/device/set_clipboard", {"content": content, "contentType": "plaintext"})
    assert await ask("appium/device/get_clipboard", {}) == content
    assert (await ask("appium/device/set_clipboard", {"content": "?"}, status=400))[
        "error"
    ] == "invalid argument"


async def test_what_the_phone_is(ask: Ask) -> None:
    info = await ask("appium/device/info")
    assert (info["apiVersion"], info["realDisplaySize"], info["displayDensity"]) == ("34", "400x800", 320)
    assert await ask("appium/device/pixel_ratio") == 2.0
    assert await ask("appium/device/display_density") == 320


async def test_dialogs(ask: Ask, phone: ScriptedPhone) -> None:
    assert (await ask("alert/text", status=404))["error"] == "no such alert"
    said = AndroidNode(class_name="android.widget.TextView", text="Allow?", resource_id="android:id/message")
    yes = AndroidNode(
        text="Yes", resource_id="android:id/button1", bounds=PixelBounds(0, 0, 20, 20), ref="yes"
    )
    no = AndroidNode(text="No", resource_id="android:id/button2", bounds=PixelBounds(20, 0, 40, 20), ref="no")
    phone.shown = window(said, yes, no)
    assert await ask("alert/text") == "Allow?"
    await ask("alert/accept", {})
    assert points(phone)[0] == (10, 10)
    await ask("alert/dismiss", {})
    assert points(phone)[0] == (30, 10)
    await ask("alert/accept", {"buttonLabel": "No"})
    assert points(phone)[0] == (30, 10)
    assert (await ask("alert/accept", {"buttonLabel": "Maybe"}, status=400))["error"] == "invalid argument"


async def test_a_tap_from_an_elements_corner_and_from_the_screens(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "accessibility id", "Save")
    await ask("appium/gestures/click", {"origin": {ELEMENT: element}, "offset": {"x": 5, "y": 6}})
    assert points(phone)[0] == (105, 206)
    await ask("appium/gestures/click", {"offset": {"x": 5, "y": 6}})
    assert points(phone)[0] == (5, 6)
    assert (await ask("appium/gestures/click", {}, status=400))["error"] == "invalid argument"


async def test_long_and_double_taps(ask: Ask, phone: ScriptedPhone) -> None:
    await ask("appium/gestures/long_click", {"offset": {"x": 5, "y": 6}, "duration": 1200})
    (held,) = phone.touches[-1]
    assert [(step.at, step.down) for step in held] == [(0, True), (1.2, False)]
    await ask("appium/gestures/double_click", {"offset": {"x": 5, "y": 6}})
    (twice,) = phone.touches[-1]
    assert [step.down for step in twice] == [True, False, True, False]
    # Closer than Android's longest double tap, further apart than its shortest.
    assert 0.04 < twice[2].at - twice[1].at < 0.3


@pytest.mark.parametrize(
    ("direction", "start", "end"),
    [
        ("left", (300, 200), (100, 200)),
        ("right", (100, 200), (300, 200)),
        ("up", (200, 300), (200, 100)),
        ("down", (200, 100), (200, 300)),
    ],
)
async def test_a_swipe_goes_where_the_finger_goes_and_a_scroll_the_other_way(
    ask: Ask, phone: ScriptedPhone, direction: str, start: tuple[int, int], end: tuple[int, int]
) -> None:
    area = {"left": 100, "top": 100, "width": 200, "height": 200}
    await ask("appium/gestures/swipe", {"area": area, "direction": direction, "percent": 1, "speed": 1000})
    assert (points(phone)[0], points(phone)[-1]) == (start, end)
    assert phone.touches[-1][0][-1].at == pytest.approx(0.2)
    await ask("appium/gestures/scroll", {"area": area, "direction": direction, "percent": 1})
    assert (points(phone)[0], points(phone)[-1]) == (end, start)


async def test_a_scroll_says_whether_there_is_more(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "xpath", "//*[@scrollable='true']")
    order = {"origin": {ELEMENT: element}, "direction": "down", "percent": 0.5}
    phone.next_windows = [
        window(replace(LIST, children=(replace(BUTTON, bounds=PixelBounds(0, 300, 9, 310)),)))
    ]
    assert await ask("appium/gestures/scroll", order) is True
    assert await ask("appium/gestures/scroll", order) is False
    # Off the element's edges by a tenth, half of what is between: from its lower end upwards.
    assert (points(phone)[0], points(phone)[-1]) == ((200, 750), (200, 550))


async def test_a_fling_is_fast(ask: Ask, phone: ScriptedPhone) -> None:
    area = {"left": 0, "top": 0, "width": 100, "height": 500}
    refused = await ask("appium/gestures/fling", {"area": area, "direction": "up", "speed": 99}, status=400)
    assert refused["error"] == "invalid argument"
    assert await ask("appium/gestures/fling", {"area": area, "direction": "up", "speed": 5000}) is False
    assert phone.touches[-1][0][-1].at == pytest.approx(0.1)


async def test_a_drag_from_an_element_to_a_point(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "accessibility id", "Save")
    await ask("appium/gestures/drag", {"origin": {ELEMENT: element}, "end": {"x": 1, "y": 2}})
    assert (points(phone)[0], points(phone)[-1]) == ((200, 230), (1, 2))


async def test_two_fingers_pinch(ask: Ask, phone: ScriptedPhone) -> None:
    area = {"left": 0, "top": 0, "width": 200, "height": 200}
    await ask("appium/gestures/pinch_open", {"area": area, "percent": 0.5})
    assert (points(phone, 0)[0], points(phone, 0)[-1]) == ((50, 150), (0, 200))
    assert (points(phone, 1)[0], points(phone, 1)[-1]) == ((150, 50), (200, 0))
    await ask("appium/gestures/pinch_close", {"area": area, "percent": 0.5})
    assert (points(phone, 0)[0], points(phone, 0)[-1]) == ((0, 200), (50, 150))


async def test_a_list_is_scrolled_until_something_is_found(ask: Ask, phone: ScriptedPhone) -> None:
    late = AndroidNode(content_desc="Late", bounds=PixelBounds(0, 400, 100, 450), ref="late")
    moved = replace(LIST, children=(replace(BUTTON, bounds=PixelBounds(0, 300, 10, 310)),))
    phone.next_windows = [window(moved), window(replace(LIST, children=(late,)))]
    await ask("gestures/scroll_to", {"params": {"strategy": "accessibility id", "selector": "Late"}})
    assert len(phone.touches) == 2
    never = {"params": {"strategy": "accessibility id", "selector": "Never"}}
    assert (await ask("gestures/scroll_to", never, status=404))["error"] == "no such element"


def pointer(*items: dict[str, Any], name: str = "finger") -> dict[str, Any]:
    return {"type": "pointer", "id": name, "parameters": {"pointerType": "touch"}, "actions": list(items)}


DOWN, UP = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}


def move(x: float, y: float, duration: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "pointerMove", "x": x, "y": y, "duration": duration, **more}


async def test_actions_of_a_finger(ask: Ask, phone: ScriptedPhone) -> None:
    pause = {"type": "pause", "duration": 100}
    way = [move(10, 20), DOWN, pause, move(10, 40, 100), move(5, 0, 100, origin="pointer"), UP]
    await ask("actions", {"actions": [pointer(*way)]})
    (steps,) = phone.touches[-1]
    assert (steps[0].at, steps[0].x, steps[0].y) == (0, 10, 20)
    turn = next(step for step in steps if step.at == pytest.approx(0.2))
    assert (turn.x, turn.y) == (10, 40)
    assert steps[-1].at == pytest.approx(0.3)
    assert (steps[-1].x, steps[-1].y, steps[-1].down) == (15, 40, False)
    # A finger moves at the rate of a touch screen, not in one jump.
    assert len(steps) > 20


async def test_actions_begin_at_an_element(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "accessibility id", "Save")
    await ask("actions", {"actions": [pointer(move(3, 4, origin={ELEMENT: element}), DOWN, UP)]})
    assert points(phone)[0] == (203, 234)


async def test_actions_of_two_fingers_are_one_touch(ask: Ask, phone: ScriptedPhone) -> None:
    first = pointer(move(0, 0), DOWN, move(0, 50, 50), UP)
    second = pointer(move(9, 0), DOWN, move(9, 50, 50), UP, name="other")
    await ask("actions", {"actions": [first, second]})
    assert len(phone.touches) == 1
    assert len(phone.touches[0]) == 2


async def test_a_move_that_takes_no_time_is_told_with_the_next_event(ask: Ask, phone: ScriptedPhone) -> None:
    await ask("actions", {"actions": [pointer(move(0, 0), DOWN, move(0, 9), move(0, 50), UP)]})
    assert points(phone) == [(0, 0), (0, 50)]


async def test_actions_of_keys(ask: Ask, phone: ScriptedPhone) -> None:
    def press(value: str) -> list[dict[str, Any]]:
        return [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]

    control = [{"type": "keyDown", "value": "\ue009"}, *press("a"), {"type": "keyUp", "value": "\ue009"}]
    keys = {"type": "key", "id": "keyboard", "actions": [*press("h"), *press("\ue007"), *control]}
    await ask("actions", {"actions": [keys]})
    assert phone.typed == ["h"]
    assert phone.keys == [(66, 0, False), (29, 0x1000, False)]


@pytest.mark.parametrize(
    "source",
    [
        pointer(DOWN, UP),
        pointer(move(1, 1, origin="pointer"), DOWN),
        pointer(move(1, 1, -5), DOWN),
        pointer({"type": "frobnicate"}),
        {"type": "wheel", "id": "wheel", "actions": []},
        {"type": "key", "id": "k", "actions": [{"type": "keyDown", "value": ""}]},
        {"type": "key", "id": "k", "actions": [{"type": "keyDown", "value": "\ue02a"}]},
        pointer({"type": "pointerMove", "duration": 0, "y": 1}),
        pointer({"type": "pointerMove", "x": 1, "y": 1}),
        pointer(move(1, 1), DOWN, {"type": "pause"}, UP),
        pointer(move(1, 1), DOWN, UP, DOWN, UP),
    ],
)
async def test_actions_that_make_no_sense(ask: Ask, phone: ScriptedPhone, source: dict[str, Any]) -> None:
    assert (await ask("actions", {"actions": [source]}, status=400))["error"] == "invalid argument"
    assert (phone.touches, phone.keys, phone.typed) == ([], [], [])


async def test_fingers_that_are_out_of_step_are_refused(ask: Ask, phone: ScriptedPhone) -> None:
    moves = pointer(move(0, 0), DOWN, move(0, 50, 50), UP)
    rests = pointer(move(9, 0), DOWN, {"type": "pause", "duration": 50}, UP, name="other")
    refused = await ask("actions", {"actions": [moves, rests]}, status=400)
    assert "at the same moments" in refused["message"]
    assert phone.touches == []


async def test_what_the_server_has_not(client: httpx.AsyncClient, ask: Ask) -> None:
    assert (await client.get("frobnicate")).status_code == 404
    assert "stand-in has none" in (await ask("appium/device/open_notifications", {}, status=500))["message"]


async def test_a_session_that_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("http://phone/session/nobody/source")
    assert (answer.status_code, answer.json()["value"]["error"]) == (404, "invalid session id")


async def test_a_command_that_is_no_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("actions", content=b"{")
    assert (answer.status_code, answer.json()["value"]["error"]) == (400, "invalid argument")


async def test_a_phone_that_is_gone(ask: Ask, phone: ScriptedPhone) -> None:
    phone.gone = True
    assert (await ask("source", status=500))["error"] == "unknown error"


async def test_a_phone_that_goes_during_actions(
    ask: Ask, phone: ScriptedPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object, **__: object) -> None:
        raise DeviceGone("switched off")

    monkeypatch.setattr(phone, "touch", gone)
    monkeypatch.setattr(phone, "press_key", gone)
    keys = {"type": "key", "id": "keyboard", "actions": [{"type": "keyDown", "value": "\ue007"}]}
    error = await ask("actions", {"actions": [pointer(move(3, 4), DOWN, UP), keys]}, status=500)
    assert error["message"] == "The device is gone"


async def test_a_session_ends(client: httpx.AsyncClient, ask: Ask) -> None:
    (session,) = (await client.get("http://phone/sessions")).json()["value"]
    ended = await client.delete(f"http://phone/session/{session['id']}")
    assert ended.status_code == 200
    assert (await client.get("http://phone/sessions")).json()["value"] == []
    assert (await ask("source", status=404))["error"] == "invalid session id"


async def test_the_keyboards_window_is_listed_and_in_the_source_of_all_windows(
    ask: Ask, phone: ScriptedPhone
) -> None:
    only_keyboards = {"filters": {"type": 2}, "skipScreenshots": True}
    assert await ask("appium/list_windows", only_keyboards) == []
    phone.keyboard_up = True
    (board,) = await ask("appium/list_windows", only_keyboards)
    assert board["rect"] == {"left": 0, "top": 500, "right": 400, "bottom": 800}
    assert not board["isActive"]
    listed = await ask("appium/list_windows", {})
    assert [(window["packageName"], window["type"]) for window in listed] == [
        (board["packageName"], 2),
        (PACKAGE, 1),
    ]
    assert listed[0]["layer"] > listed[1]["layer"]
    assert board["packageName"] not in await ask("source")
    await ask("appium/settings", {"settings": {"enableMultiWindows": True}})
    roots = etree.fromstring((await ask("source")).encode())
    assert [root.get("package") for root in roots] == [board["packageName"], PACKAGE]
