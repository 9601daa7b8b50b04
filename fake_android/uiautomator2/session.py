"""A session of the server: its settings, and the elements it gave ids to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_android.attached import Attached
from fake_android.device import Device
from fake_android.node import AndroidNode
from fake_android.refusals import NoSuchElement, StaleElement
from fake_android.uiautomator2.answers import InvalidArgument
from fake_android.uiautomator2.search import Search, find
from fake_android.uiautomator2.settings import DEFAULTS

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
LEGACY_ELEMENT = "ELEMENT"

MOST_ELEMENTS = 1000
"""How many elements a session remembers; the oldest are forgotten."""


@dataclass(slots=True)
class Element:
    """A node that a client was given an id for; `search` is how it was found, if alone."""

    ref: str
    search: Search | None


@dataclass(slots=True, eq=False)
class Session:
    """One session."""

    phone: Attached
    capabilities: Mapping[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    settings: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))
    _elements: dict[str, Element] = field(default_factory=dict)

    @property
    def device(self) -> Device:
        """The phone itself."""
        return self.phone.device

    @property
    def app_package(self) -> str:
        """The package that resource ids are completed with."""
        package = self.capabilities.get("appPackage", "")
        return package if isinstance(package, str) else ""

    async def idle(self) -> None:
        """Wait until the screen is at rest, as long as the settings say."""
        longest = self.settings["waitForIdleTimeout"]
        if longest > 0:
            await self.device.quiet(longest / 1000)

    async def find(self, search: Search, context: AndroidNode | None, *, multiple: bool) -> list[AndroidNode]:
        """Return the nodes found, by this session's settings; raises `Refusal` for what can't be read."""
        return await find(
            self.device,
            search,
            context,
            multiple=multiple,
            settings=self.settings,
            app_package=self.app_package,
        )

    def remember(self, node: AndroidNode, search: Search | None = None) -> dict[str, str]:
        """Give a node an id, and return it as a client reads it."""
        while len(self._elements) >= MOST_ELEMENTS:
            del self._elements[next(iter(self._elements))]
        name = str(uuid.uuid4())
        self._elements[name] = Element(node.ref, search)
        return {ELEMENT: name, LEGACY_ELEMENT: name}

    async def node(self, name: str) -> AndroidNode:
        """Return the node that an id names, as it is now; raises `Refusal` if there is none any more.

        Where its node is gone, an element that was found alone is looked for once more by the same locator.
        """
        element = self._elements.get(name)
        if element is None:
            raise NoSuchElement(
                f"The element identified by '{name}' is not present in the cache or has expired. "
                "Try to find it again"
            )
        window = await self.device.window()
        for node in window.walk():
            if node.ref == element.ref:
                return node
        gone = f"The element '{name}' does not exist in DOM anymore"
        if element.search is None:
            raise StaleElement(gone)
        within = await self.node(element.search.context) if element.search.context else None
        found = await self.find(element.search, within, multiple=False)
        if not found:
            raise StaleElement(gone)
        element.ref = found[0].ref
        return found[0]


def element_id(reference: object) -> str:
    """Return the id in what a client names an element by; raises `Refusal`."""
    if isinstance(reference, Mapping):
        for key in (ELEMENT, LEGACY_ELEMENT):
            if isinstance(reference.get(key), str):
                return str(reference[key])
    raise InvalidArgument(f"{reference!r} is no element")
