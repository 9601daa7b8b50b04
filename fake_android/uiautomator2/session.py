"""A session of the server: its settings, the elements it gave ids to, and what its commands are given."""

from __future__ import annotations

import math
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_android.connected_phone import ConnectedPhone
from fake_android.device import AndroidNode
from fake_android.errors import InvalidArgument, NoSuchElement, StaleElement, UnsupportedSetting
from fake_android.locators import locate
from fake_android.page_source import LookupSettings
from fake_android.phone import Phone
from fake_android.ui_scrollable import LookupScreen

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
LEGACY_ELEMENT = "ELEMENT"

MAX_ELEMENTS = 1000
"""How many elements a session remembers; the oldest are forgotten."""

Body = Mapping[str, Any]

DEFAULT_SETTINGS: Mapping[str, Any] = {
    "actionAcknowledgmentTimeout": 3000,
    "allowInvisibleElements": False,
    "alwaysTraversableViewClasses": "",
    "currentDisplayId": 0,
    "disableIdLocatorAutocompletion": False,
    "elementResponseAttributes": "name,text",
    "enableMultiWindows": False,
    "enableNotificationListener": True,
    "enableTopmostWindowFromActivePackage": False,
    "enforceXPath1": False,
    "ignoreUnimportantViews": False,
    "includeExtrasInPageSource": False,
    "keyInjectionDelay": 0,
    "limitXPathContextScope": True,
    "mjpegBilinearFiltering": False,
    "mjpegScalingFactor": 50,
    "mjpegServerFramerate": 10,
    "mjpegServerPort": 7810,
    "mjpegServerScreenshotQuality": 50,
    "normalizeTagNames": False,
    "scrollAcknowledgmentTimeout": 200,
    "serverPort": 6790,
    "shouldUseCompactResponses": True,
    "simpleBoundsCalculation": False,
    "snapshotMaxDepth": 70,
    "trackScrollEvents": True,
    "useResourcesForOrientationDetection": False,
    "waitForIdleTimeout": 10_000,
    "waitForSelectorTimeout": 10_000,
}
"""The server's own, and all that may be set."""

_RANGES = {
    "mjpegScalingFactor": (1, 100),
    "mjpegServerFramerate": (1, 60),
    "mjpegServerScreenshotQuality": (0, 100),
    "snapshotMaxDepth": (1, 500),
    "waitForIdleTimeout": (0, 2**31),
    "waitForSelectorTimeout": (0, 2**31),
}


@dataclass(frozen=True, slots=True)
class ElementSearch:
    """How an element is looked for: in `context`, an element's id, or everywhere if that is empty."""

    strategy: str
    selector: str
    context: str = ""


@dataclass(slots=True)
class _FoundElement:
    """A node that a client was given an id for; `search` is how it was found, if alone."""

    ref: str
    search: ElementSearch | None


@dataclass(slots=True, eq=False)
class UiAutomatorSession:
    """One session."""

    phone: ConnectedPhone
    capabilities: Mapping[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    settings: dict[str, Any] = field(default_factory=lambda: dict(DEFAULT_SETTINGS))
    _elements: dict[str, _FoundElement] = field(default_factory=dict)

    @property
    def device(self) -> Phone:
        """The phone itself."""
        return self.phone.device

    @property
    def app_package(self) -> str:
        """The package that resource ids are completed with."""
        package = self.capabilities.get("appPackage", "")
        return package if isinstance(package, str) else ""

    async def wait_until_idle(self) -> None:
        """Wait until the screen is idle, as long as the settings say."""
        longest = self.settings["waitForIdleTimeout"]
        if longest > 0:
            await self.device.wait_until_idle(longest / 1000)

    @property
    def lookup_settings(self) -> LookupSettings:
        """Those of its settings that a page source and a lookup go by."""
        return LookupSettings(
            allow_invisible_elements=self.settings["allowInvisibleElements"],
            disable_id_locator_autocompletion=self.settings["disableIdLocatorAutocompletion"],
            enforce_xpath1=self.settings["enforceXPath1"],
            limit_xpath_context_scope=self.settings["limitXPathContextScope"],
            snapshot_max_depth=self.settings["snapshotMaxDepth"],
        )

    async def find(
        self, search: ElementSearch, context: AndroidNode | None, *, multiple: bool
    ) -> list[AndroidNode]:
        """Return the nodes found, at most one unless `multiple`; raises `UiAutomatorError`."""
        return await locate(
            LookupScreen(self.device),
            search.strategy,
            search.selector,
            context=context,
            multiple=multiple,
            settings=self.lookup_settings,
            app_package=self.app_package,
        )

    def remember(self, node: AndroidNode, search: ElementSearch | None = None) -> dict[str, str]:
        """Give a node an id, and return it as a client reads it."""
        while len(self._elements) >= MAX_ELEMENTS:
            del self._elements[next(iter(self._elements))]
        name = str(uuid.uuid4())
        self._elements[name] = _FoundElement(node.ref, search)
        return {ELEMENT: name, LEGACY_ELEMENT: name}

    async def node(self, name: str) -> AndroidNode:
        """Return the node that an id names, as it is now; raises `UiAutomatorError` where it is gone.

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
    """Return the id in what a client names an element by; raises `UiAutomatorError`."""
    if isinstance(reference, Mapping):
        for key in (ELEMENT, LEGACY_ELEMENT):
            if isinstance(reference.get(key), str):
                return str(reference[key])
    raise InvalidArgument(f"{reference!r} is no element")


@dataclass(frozen=True, slots=True)
class CommandCall:
    """One call of a command: its session, the names in its path, and its body."""

    session: UiAutomatorSession
    path: Mapping[str, str]
    body: Body

    async def element(self) -> AndroidNode:
        """Return the node that the path names."""
        return await self.session.node(self.path["element"])


CommandHandler = Callable[[CommandCall], Awaitable[Any]]


# -- reading what a command is given


def read_text(body: Body, name: str) -> str:
    """Return a string; raises `InvalidArgument` where it is missing or none."""
    value = body.get(name)
    if not isinstance(value, str):
        raise InvalidArgument(f"'{name}' has to be a string, got {value!r}")
    return value


def read_number(body: Body, name: str) -> float:
    """Return a finite number; raises `InvalidArgument` where it is missing or none."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidArgument(f"'{name}' has to be a number, got {value!r}")
    return float(value)


def read_optional_number(body: Body, name: str) -> float | None:
    """Return a finite number, or None where it is missing or null."""
    return None if body.get(name) is None else read_number(body, name)


def read_object(body: Body, name: str) -> Body:
    """Return an object; raises `InvalidArgument` where it is missing or none."""
    value = body.get(name)
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"'{name}' has to be an object, got {value!r}")
    return value


def change_settings(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with some changed; raises `UiAutomatorError` for one unknown or out of bounds."""
    return {**settings, **{name: _check_setting(name, value) for name, value in changes.items()}}


def _check_setting(name: str, value: Any) -> Any:
    default = DEFAULT_SETTINGS.get(name)
    if default is None:
        known = ", ".join(DEFAULT_SETTINGS)
        raise UnsupportedSetting(f"Setting '{name}' is not supported. Known settings: {known}")
    if isinstance(default, int) and not isinstance(default, bool) and isinstance(value, float):
        value = int(value)
    if type(value) is not type(default):
        got, expected = type(value).__name__, type(default).__name__
        raise InvalidArgument(f"Invalid setting value type. Got: {got}. Expected: {expected} ({name})")
    if name not in _RANGES:
        return value
    low, high = _RANGES[name]
    if not low <= value <= high:
        raise InvalidArgument(
            f"Invalid {name} value specified, must be in range {low}..{high}. {value} was given"
        )
    return value
