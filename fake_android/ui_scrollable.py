"""`UiScrollable`: swipes a window until what is looked for is on screen.

The methods are called in the order they are written, as the locator is read; what is found afterwards is the
selector that the last of them leaves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from fake_android.node import AndroidNode
from fake_android.refusals import NoSuchElement
from fake_android.ui_expression import (
    Call,
    UiSelectorSyntax,
    boolean,
    calls,
    counted,
    integer,
    number,
    string,
    unsuitable,
)
from fake_android.ui_matching import Matcher
from fake_android.ui_selector import UiSelector, parse

CONSTRUCTOR = "new UiScrollable"
SCROLL_STEPS = 55
FLING_STEPS = 5
MOST_SWIPES = 100
"""How many swipes one method makes at most, whatever it is told."""

MOST_STEPS = 400
"""How many steps of 5 ms one swipe has at most."""

Point = tuple[int, int]
Kind = Literal["text", "description"]


class Screen(Protocol):
    """What a lookup needs of a phone."""

    async def window(self) -> AndroidNode:
        """Return the root of the active window."""
        ...

    async def swipe(self, start: Point, end: Point, *, steps: int) -> None:
        """Swipe in steps of 5 ms each, and wait until the screen rests."""
        ...


class UiScrollable:
    """One container of a screen, and how it is swiped.

    `dead_zone` is the share of its length, at either end, that isn't touched.
    """

    def __init__(self, screen: Screen, container: UiSelector) -> None:
        self._screen = screen
        self.container = container
        self.vertical = True
        self.most_swipes = 30
        self.dead_zone = 0.1

    # -- swipes

    async def forward(self, steps: int = SCROLL_STEPS) -> bool:
        """Swipe towards its end; returns whether anything moved."""
        return await self._swipe(steps, forward=True)

    async def backward(self, steps: int = SCROLL_STEPS) -> bool:
        """Swipe towards its beginning; returns whether anything moved."""
        return await self._swipe(steps, forward=False)

    async def to_end(self, swipes: int, steps: int = SCROLL_STEPS) -> bool:
        """Swipe to its end, or as often as given."""
        for _ in range(min(swipes, MOST_SWIPES)):
            if not await self.forward(steps):
                break
        return True

    async def to_beginning(self, swipes: int, steps: int = SCROLL_STEPS) -> bool:
        """Swipe to its beginning, or as often as given."""
        for _ in range(min(swipes, MOST_SWIPES)):
            if not await self.backward(steps):
                break
        return True

    async def into_view(self, wanted: UiSelector) -> bool:
        """Swipe until it shows what is wanted: from where it is, else from its beginning on."""
        within = self.container.leading_to("child", wanted)
        if await self._shows(within):
            return True
        await self.to_beginning(self.most_swipes)
        if await self._shows(within):
            return True
        for _ in range(min(self.most_swipes, MOST_SWIPES)):
            moved = await self.forward()
            if await self._shows(within):
                return True
            if not moved:
                break
        return False

    # -- children

    async def child(self, pattern: UiSelector, kind: Kind, text: str, *, scrolls: bool = True) -> AndroidNode:
        """Return the first match of a pattern that says a text, itself or by a node in it."""
        said = UiSelector({"text" if kind == "text" else "descriptionContains": text})
        if scrolls:
            await self.into_view(said)
        for row in await self._rows(pattern):
            if Matcher(row).first(said) is not None:
                return row
        raise NoSuchElement(f'for {kind}= "{text}"')

    async def child_at(self, pattern: UiSelector, instance: int) -> AndroidNode | None:
        """Return the `instance`-th match of a pattern."""
        rows = await self._rows(pattern)
        return rows[instance] if 0 <= instance < len(rows) else None

    async def _rows(self, pattern: UiSelector) -> list[AndroidNode]:
        matcher = Matcher(await self._screen.window())
        container = matcher.first(self.container)
        return [] if container is None else list(matcher.instances(pattern, container))

    async def _shows(self, wanted: UiSelector) -> bool:
        return Matcher(await self._screen.window()).first(wanted) is not None

    async def _swipe(self, steps: int, *, forward: bool) -> bool:
        before = await self._screen.window()
        container = Matcher(before).first(self.container)
        if container is None:
            raise NoSuchElement("What is to be scrolled is not on the screen")
        box = container.bounds
        x, y = box.centre
        if self.vertical:
            margin = int((box.bottom - box.top) * self.dead_zone)
            late, early = (x, box.bottom - margin), (x, box.top + margin)
        else:
            margin = int((box.right - box.left) * self.dead_zone)
            late, early = (box.right - margin, y), (box.left + margin, y)
        start, end = (late, early) if forward else (early, late)
        await self._screen.swipe(start, end, steps=min(max(steps, 1), MOST_STEPS))
        return _shown(before) != _shown(await self._screen.window())


def _shown(window: AndroidNode) -> list[tuple[object, ...]]:
    return [(node.ref, node.bounds, node.content_desc, node.text) for node in window.walk()]


# -- the methods a locator may call

Reader = Callable[[str, str], Any]
Method = Callable[..., Awaitable[object]]


def _selector(_expression: str, argument: str) -> UiSelector:
    return parse(argument)


async def _sets(target: UiScrollable, name: str, value: object) -> UiScrollable:
    setattr(target, name, value)
    return target


METHODS: Mapping[str, Sequence[tuple[Sequence[Reader], Method]]] = {
    "setAsVerticalList": [((), lambda to: _sets(to, "vertical", value=True))],
    "setAsHorizontalList": [((), lambda to: _sets(to, "vertical", value=False))],
    "setMaxSearchSwipes": [((integer,), lambda to, most: _sets(to, "most_swipes", most))],
    "setSwipeDeadZonePercentage": [((number,), lambda to, share: _sets(to, "dead_zone", share))],
    "scrollForward": [((), UiScrollable.forward), ((integer,), UiScrollable.forward)],
    "scrollBackward": [((), UiScrollable.backward), ((integer,), UiScrollable.backward)],
    "scrollToEnd": [((integer,), UiScrollable.to_end), ((integer, integer), UiScrollable.to_end)],
    "scrollToBeginning": [
        ((integer,), UiScrollable.to_beginning),
        ((integer, integer), UiScrollable.to_beginning),
    ],
    "flingForward": [((), lambda to: to.forward(FLING_STEPS))],
    "flingBackward": [((), lambda to: to.backward(FLING_STEPS))],
    "flingToEnd": [((integer,), lambda to, swipes: to.to_end(swipes, FLING_STEPS))],
    "flingToBeginning": [((integer,), lambda to, swipes: to.to_beginning(swipes, FLING_STEPS))],
    "scrollIntoView": [((_selector,), UiScrollable.into_view)],
    "scrollTextIntoView": [((string,), lambda to, text: to.into_view(UiSelector({"text": text})))],
    "scrollDescriptionIntoView": [
        ((string,), lambda to, text: to.into_view(UiSelector({"description": text})))
    ],
    "getChildByInstance": [((_selector, integer), UiScrollable.child_at)],
    "getChildByText": [
        ((_selector, string), lambda to, row, text: to.child(row, "text", text)),
        (
            (_selector, string, boolean),
            lambda to, row, text, scrolls: to.child(row, "text", text, scrolls=scrolls),
        ),
    ],
    "getChildByDescription": [
        ((_selector, string), lambda to, row, text: to.child(row, "description", text)),
        (
            (_selector, string, boolean),
            lambda to, row, text, scrolls: to.child(row, "description", text, scrolls=scrolls),
        ),
    ],
}
CRITERIA = {"scrollTextIntoView": "text", "scrollDescriptionIntoView": "description"}


def is_scrollable(statement: str) -> bool:
    """Whether a statement is one of `UiScrollable`."""
    return statement.startswith((CONSTRUCTOR, "UiScrollable"))


async def scrolled(screen: Screen, statement: str) -> UiSelector | AndroidNode | None:
    """Do what a statement says; returns what its result is to be looked for by, or the result itself.

    That is what the last method gives that gives a `UiObject`, among which the server counts the scrollable
    itself: where one of its setters comes before a `scrollIntoView` that has to scroll, the *container* is
    found. So it is here. Else it is the last selector that was an argument, else the container.
    """
    expression = statement if statement.startswith(CONSTRUCTOR) else f"new {statement}"
    made, *methods = calls(expression, CONSTRUCTOR)
    if len(made.arguments) != 1:
        raise UiSelectorSyntax(
            expression, f"UiScrollable has no suitable constructor with arguments {made.listed}"
        )
    target = UiScrollable(screen, parse(made.arguments[0]))
    asked: UiSelector | None = None
    given: UiSelector | AndroidNode | None = None
    absent = False
    for call in methods:
        method, arguments = _chosen(expression, call)
        asked = _asked(call, arguments) or asked
        looked_for = asked if call.name in {"scrollIntoView", *CRITERIA} else None
        if looked_for is not None and Matcher(await screen.window()).first(looked_for) is not None:
            # On screen already, wherever: the server doesn't ask for the container then.
            given, absent = asked, False
            continue
        result = await method(target, *arguments)
        if isinstance(result, UiScrollable):
            given, absent = result.container, False
        elif isinstance(result, AndroidNode):
            given, absent = result, False
        elif call.name == "getChildByInstance":
            absent = True
    return None if absent else given or asked or target.container


def _asked(call: Call, arguments: Sequence[object]) -> UiSelector | None:
    if call.name in CRITERIA:
        return UiSelector({CRITERIA[call.name]: str(arguments[0])})
    return next((argument for argument in arguments if isinstance(argument, UiSelector)), None)


def _chosen(expression: str, call: Call) -> tuple[Method, list[Any]]:
    """Return the method that takes a call's arguments, and these as it takes them."""
    if call.name not in METHODS:
        raise UiSelectorSyntax(expression, f"UiScrollable has no `{call.name}` method")
    refused: UiSelectorSyntax | None = None
    for readers, method in METHODS[call.name]:
        try:
            given = counted(expression, call, len(readers))
            return method, [
                reader(expression, argument) for reader, argument in zip(readers, given, strict=True)
            ]
        except UiSelectorSyntax as error:
            refused = error
    raise UiSelectorSyntax(expression, unsuitable("UiScrollable", call, refused)) from refused
