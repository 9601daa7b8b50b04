"""Commands about elements: find, click, type, and what they are like."""

from __future__ import annotations

import asyncio
import base64
from io import BytesIO
from typing import Any

from PIL import Image

from fake_android.attributes import attribute
from fake_android.gestures import tap
from fake_android.node import AndroidNode
from fake_android.refusals import NoSuchElement
from fake_android.uiautomator2.answers import InvalidElementState
from fake_android.uiautomator2.body import text
from fake_android.uiautomator2.commands import Call
from fake_android.uiautomator2.search import Search
from fake_android.uiautomator2.session import Session

ENTER = 66


async def find_element(call: Call) -> Any:
    """Find one element."""
    search = _search(call)
    found = await _found(call.session, search, multiple=False)
    if not found:
        raise NoSuchElement("An element could not be located on the page using the given search parameters")
    return call.session.remember(found[0], search)


async def find_elements(call: Call) -> Any:
    """Find elements; none is an answer, too."""
    return [call.session.remember(node) for node in await _found(call.session, _search(call), multiple=True)]


def _search(call: Call) -> Search:
    context = call.body.get("context")
    return Search(text(call.body, "strategy"), text(call.body, "selector"), context or "")


async def _found(session: Session, search: Search, *, multiple: bool) -> list[AndroidNode]:
    await session.idle()
    context = await session.node(search.context) if search.context else None
    return await session.find(search, context, multiple=multiple)


async def active_element(call: Call) -> Any:
    """Return the element that has the focus."""
    return call.session.remember(await _focused(call.session))


async def _focused(session: Session) -> AndroidNode:
    window = await session.device.window()
    # The view that hosts Flutter has the focus whenever something in it has: the innermost one is meant.
    focused = [node for node in window.walk() if node.focused]
    if not focused:
        raise NoSuchElement("No element has the input focus")
    return focused[-1]


async def click(call: Call) -> Any:
    """Touch an element at the middle of what is seen of it."""
    node = await call.session.node(call.path["element"])
    await call.session.device.touch([tap(node.bounds.centre)])


async def clear(call: Call) -> Any:
    """Empty a field."""
    node = await call.session.node(call.path["element"])
    await _set_text(call.session, node, "")


async def send_keys(call: Call) -> Any:
    """Set a field's text to what it has and what is given; `replace` leaves out what it has."""
    name = call.path.get("element")
    node = await (call.session.node(name) if name else _focused(call.session))
    wanted = call.body.get("text")
    if not isinstance(wanted, str):
        value = call.body.get("value")
        wanted = "".join(map(str, value)) if isinstance(value, list) else text(call.body, "text")
    replace = str(call.body.get("replace", False)).lower() == "true"
    entered = wanted.endswith("\\n")
    wanted = wanted.removesuffix("\\n")
    await _set_text(call.session, node, wanted if replace else node.text + wanted)
    if entered:
        await call.session.device.press_key(ENTER)


async def _set_text(session: Session, node: AndroidNode, wanted: str) -> None:
    if not await session.device.set_text(node, wanted):
        raise InvalidElementState(
            f"Cannot set the element to '{wanted}'. Did you interact with the correct element?"
        )


async def element_text(call: Call) -> Any:
    """Return an element's text."""
    return (await call.session.node(call.path["element"])).text


async def element_name(call: Call) -> Any:
    """Return an element's content description."""
    return (await call.session.node(call.path["element"])).content_desc


async def element_attribute(call: Call) -> Any:
    """Return an attribute as text."""
    return attribute(await call.session.node(call.path["element"]), call.path["name"])


async def element_rect(call: Call) -> Any:
    """Return where an element is, in physical pixels."""
    return await _position(call) | await _size(call)


async def element_location(call: Call) -> Any:
    """Return an element's upper left corner."""
    return await _position(call)


async def element_size(call: Call) -> Any:
    """Return how large an element is."""
    return await _size(call)


async def _position(call: Call) -> dict[str, int]:
    bounds = (await call.session.node(call.path["element"])).bounds
    return {"x": bounds.left, "y": bounds.top}


async def _size(call: Call) -> dict[str, int]:
    bounds = (await call.session.node(call.path["element"])).bounds
    return {"width": bounds.right - bounds.left, "height": bounds.bottom - bounds.top}


async def element_screenshot(call: Call) -> Any:
    """Return a picture of an element: its part of the screen's, as PNG in Base64."""
    node = await call.session.node(call.path["element"])
    if node.bounds.empty:
        raise InvalidElementState("The element has zero width or height: there is no picture of it")
    screen = await call.session.device.screenshot()
    return base64.b64encode(await asyncio.to_thread(_cropped, screen, node)).decode()


def _cropped(screen: bytes, node: AndroidNode) -> bytes:
    part = BytesIO()
    box = (node.bounds.left, node.bounds.top, node.bounds.right, node.bounds.bottom)
    with Image.open(BytesIO(screen)) as image:
        image.crop(box).save(part, "PNG", compress_level=1)
    return part.getvalue()
