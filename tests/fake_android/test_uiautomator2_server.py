"""The UiAutomator2 server of a stand-in, asked as the driver asks it."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import httpx
import pytest
from lxml import etree
from PIL import Image

from fake_android.connected_phone import ConnectedPhone
from fake_android.device import AndroidNode, DeviceGone, PixelBounds
from fake_android.page_source import LookupSettings
from fake_android.uiautomator2.session import UiAutomatorSession
from tests.fake_android.scripted_phone import BUTTON, FIELD, LIST, PACKAGE, ScriptedPhone, window
from tests.fake_android.uiautomator_client import DOWN, ELEMENT, UP, Ask, find_element, move, pointer, points


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
