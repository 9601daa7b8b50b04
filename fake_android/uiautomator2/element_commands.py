"""Commands about elements: find, click, type, what they are like; and the system's dialogs, as alerts."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from fake_android.device import AndroidNode
from fake_android.errors import InvalidArgument, InvalidElementState, NoAlert, NoSuchElement
from fake_android.input import ENTER, tap
from fake_android.page_source import attribute
from fake_android.uiautomator2.session import CommandCall, ElementSearch, UiAutomatorSession, read_text


async def find_element(call: CommandCall) -> Any:
    """Find one element."""
    search = _search(call)
    found = await _find(call.session, search, multiple=False)
    if not found:
        raise NoSuchElement("An element could not be located on the page using the given search parameters")
    return call.session.remember(found[0], search)


async def find_elements(call: CommandCall) -> Any:
    """Find elements; none is an answer, too."""
    return [call.session.remember(node) for node in await _find(call.session, _search(call), multiple=True)]


def _search(call: CommandCall) -> ElementSearch:
    context = call.body.get("context")
    return ElementSearch(read_text(call.body, "strategy"), read_text(call.body, "selector"), context or "")


async def _find(session: UiAutomatorSession, search: ElementSearch, *, multiple: bool) -> list[AndroidNode]:
    await session.wait_until_idle()
    context = await session.node(search.context) if search.context else None
    return await session.find(search, context, multiple=multiple)


async def active_element(call: CommandCall) -> Any:
    """Return the element that has the focus."""
    return call.session.remember(await _focused_node(call.session))


async def _focused_node(session: UiAutomatorSession) -> AndroidNode:
    window = await session.device.window()
    # The view that hosts Flutter has the focus whenever something in it has: the innermost one is meant.
    focused = [node for node in window.walk() if node.focused]
    if not focused:
        raise NoSuchElement("No element has the input focus")
    return focused[-1]


async def click(call: CommandCall) -> Any:
    """Touch an element at the middle of what is seen of it."""
    node = await call.element()
    await call.session.device.touch([tap(node.bounds.centre)])


async def clear(call: CommandCall) -> Any:
    """Empty a field."""
    node = await call.element()
    await _set_text(call.session, node, "")


async def send_keys(call: CommandCall) -> Any:
    """Set a field's text to what it has and what is given; `replace` leaves out what it has."""
    name = call.path.get("element")
    node = await (call.session.node(name) if name else _focused_node(call.session))
    wanted = call.body.get("text")
    if not isinstance(wanted, str):
        value = call.body.get("value")
        wanted = "".join(map(str, value)) if isinstance(value, list) else read_text(call.body, "text")
    replace = str(call.body.get("replace", False)).lower() == "true"
    entered = wanted.endswith("\\n")
    wanted = wanted.removesuffix("\\n")
    await _set_text(call.session, node, wanted if replace else node.text + wanted)
    if entered:
        await call.session.device.press_key(ENTER)


async def _set_text(session: UiAutomatorSession, node: AndroidNode, wanted: str) -> None:
    if not await session.device.set_text(node, wanted):
        raise InvalidElementState(
            f"Cannot set the element to '{wanted}'. Did you interact with the correct element?"
        )


async def element_text(call: CommandCall) -> Any:
    """Return an element's text."""
    return (await call.element()).text


async def element_name(call: CommandCall) -> Any:
    """Return an element's content description."""
    return (await call.element()).content_desc


async def element_attribute(call: CommandCall) -> Any:
    """Return an attribute as text."""
    return attribute(await call.element(), call.path["name"])


async def element_rect(call: CommandCall) -> Any:
    """Return where an element is, in physical pixels."""
    return await element_location(call) | await element_size(call)


async def element_location(call: CommandCall) -> dict[str, int]:
    """Return an element's upper left corner."""
    bounds = (await call.element()).bounds
    return {"x": bounds.left, "y": bounds.top}


async def element_size(call: CommandCall) -> dict[str, int]:
    """Return how large an element is."""
    bounds = (await call.element()).bounds
    return {"width": bounds.right - bounds.left, "height": bounds.bottom - bounds.top}


async def element_screenshot(call: CommandCall) -> Any:
    """Return a picture of an element: its part of the screen's, as PNG in Base64."""
    node = await call.element()
    if node.bounds.is_empty:
        raise InvalidElementState("The element has zero width or height: there is no picture of it")
    screen = await call.session.device.screenshot()
    return base64.b64encode(await asyncio.to_thread(_crop, screen, node)).decode()


def _crop(screen: bytes, node: AndroidNode) -> bytes:
    part = BytesIO()
    box = (node.bounds.left, node.bounds.top, node.bounds.right, node.bounds.bottom)
    with Image.open(BytesIO(screen)) as image:
        image.crop(box).save(part, "PNG", compress_level=1)
    return part.getvalue()


# -- alerts

_CONTROLLERS = (
    "com.android.permissioncontroller:id/",
    "com.google.android.permissioncontroller:id/",
    "com.android.packageinstaller:id/",
)
_ACCEPT = (
    "android:id/button1",
    "android:id/aerr_wait",
    *(f"{each}permission_allow_button" for each in _CONTROLLERS),
    *(f"{each}permission_allow_foreground_only_button" for each in _CONTROLLERS),
)
_DISMISS = (
    "android:id/button2",
    "android:id/aerr_close",
    *(f"{each}permission_deny_button" for each in _CONTROLLERS),
)
_DIALOG_IDS = {*_ACCEPT, *_DISMISS, "android:id/alertTitle", "android:id/message"}


async def alert_text(call: CommandCall) -> Any:
    """Return what the dialog says."""
    nodes = await _dialog_nodes(call)
    texts = [node.text for node in nodes if node.text and node.class_name == "android.widget.TextView"]
    return "\n".join(texts)


async def accept_alert(call: CommandCall) -> Any:
    """Press the dialog's button that agrees, or the one named."""
    await _press_button(call, _ACCEPT)


async def dismiss_alert(call: CommandCall) -> Any:
    """Press the dialog's button that declines, or the one named."""
    await _press_button(call, _DISMISS)


async def _dialog_nodes(call: CommandCall) -> list[AndroidNode]:
    nodes = list((await call.session.device.window()).walk())
    if not any(node.resource_id in _DIALOG_IDS for node in nodes):
        raise NoAlert("An attempt was made to operate on a modal dialog when one was not open")
    return nodes


async def _press_button(call: CommandCall, identifiers: Sequence[str]) -> None:
    nodes = await _dialog_nodes(call)
    label = call.body.get("buttonLabel")
    for node in nodes:
        if node.text == label if label else node.resource_id in identifiers:
            await call.session.device.touch([tap(node.bounds.centre)])
            return
    wanted = f"with the label '{label}'" if label else "of that meaning"
    raise InvalidArgument(f"The alert has no button {wanted}")
