"""`-android uiautomator` locators: statements of `UiSelector`, and of `UiScrollable`, which swipes.

The methods of a `UiScrollable` are called in the order they are written, as the locator is read; what is
found afterwards is the selector that the last of them leaves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from fake_android.device import AndroidNode
from fake_android.errors import NoSuchElement, StaleElement
from fake_android.expressions import (
    MethodCall,
    UiSelectorSyntax,
    calls,
    check_count,
    mismatch_message,
    read_boolean,
    read_integer,
    read_number,
    read_string,
    statements,
)
from fake_android.input import stroke
from fake_android.phone import Phone
from fake_android.ui_selector import Matcher, UiSelector, parse_selector

CONSTRUCTOR = "new UiScrollable"
SCROLL_STEPS = 55
FLING_STEPS = 5
STEP_S = 0.005
MAX_STEPS = 400
"""How many steps one swipe has at most."""

MAX_SWIPES = 100
"""How many swipes one method makes at most, whatever it is told."""

SETTLE_S = 2.0
"""How long a swiped list is given to settle."""

Point = tuple[int, int]
Kind = Literal["text", "description"]


class LookupScreen:
    """A phone's screen as a lookup reads it, and swipes it where the locator says so."""

    def __init__(self, device: Phone) -> None:
        self._device = device

    async def window(self) -> AndroidNode:
        """Return the root of the active window."""
        return await self._device.window()

    async def swipe(self, start: Point, end: Point, *, steps: int) -> None:
        """Swipe in steps of 5 ms each, and wait until the screen has settled."""
        await self._device.touch([stroke(start, end, seconds=steps * STEP_S)])
        await self._device.wait_until_idle(SETTLE_S)


async def find_by_ui_automator(
    screen: LookupScreen, text: str, *, multiple: bool, context: AndroidNode | None = None
) -> list[AndroidNode]:
    """Return what a locator finds on a screen; at most one unless `multiple`.

    Every statement is read, and swiped, before anything is looked for. One element is looked for by the first
    statement alone; of many, each statement's come one after another, none twice. `context` is a node that
    the search stays below.
    """
    outcomes: list[UiSelector | AndroidNode | None] = [
        await _scroll(screen, statement)
        if statement.startswith((CONSTRUCTOR, "UiScrollable"))
        else parse_selector(statement)
        for statement in statements(text)
    ]
    window = await screen.window()
    matcher = Matcher(window)
    below = None if context is None else find_again(window, context)
    found: dict[int, AndroidNode] = {}
    for outcome in outcomes if multiple else outcomes[:1]:
        if outcome is None:
            continue
        if isinstance(outcome, AndroidNode):
            nodes = [find_again(window, outcome)]
        elif multiple:
            nodes = matcher.all(outcome, below=below)
        else:
            nodes = [node] if (node := matcher.find_first(outcome, below=below)) is not None else []
        for node in nodes:
            found.setdefault(id(node), node)
    return list(found.values())


def find_again(window: AndroidNode, node: AndroidNode) -> AndroidNode:
    """Return a node as it is in a later reading of its window; raises `StaleElement` where it is gone."""
    for each in window.walk():
        if each is node or (node.ref and each.ref == node.ref):
            return each
    raise StaleElement("The referenced element is no longer attached to the DOM")


class UiScrollable:
    """One container of a screen, and how it is swiped.

    `dead_zone` is the share of its length, at either end, that isn't touched.
    """

    def __init__(self, screen: LookupScreen, container: UiSelector) -> None:
        self._screen = screen
        self.container = container
        self.vertical = True
        self.max_swipes = 30
        self.dead_zone = 0.1

    async def scroll_forward(self, steps: int = SCROLL_STEPS) -> bool:
        """Swipe towards its end; returns whether anything moved."""
        return await self._swipe(steps, forward=True)

    async def scroll_backward(self, steps: int = SCROLL_STEPS) -> bool:
        """Swipe towards its beginning; returns whether anything moved."""
        return await self._swipe(steps, forward=False)

    async def scroll_to_end(self, swipes: int, steps: int = SCROLL_STEPS) -> bool:
        """Swipe to its end, or as often as given."""
        return await self._swipe_on(swipes, steps, forward=True)

    async def scroll_to_beginning(self, swipes: int, steps: int = SCROLL_STEPS) -> bool:
        """Swipe to its beginning, or as often as given."""
        return await self._swipe_on(swipes, steps, forward=False)

    async def scroll_into_view(self, wanted: UiSelector) -> bool:
        """Swipe until it shows what is wanted: from where it is, else from its beginning on."""
        within = self.container.with_selector("child", wanted)
        if await self._has_in_view(within):
            return True
        await self.scroll_to_beginning(self.max_swipes)
        if await self._has_in_view(within):
            return True
        for _ in range(min(self.max_swipes, MAX_SWIPES)):
            moved = await self.scroll_forward()
            if await self._has_in_view(within):
                return True
            if not moved:
                break
        return False

    async def child(self, pattern: UiSelector, kind: Kind, text: str, *, scrolls: bool = True) -> AndroidNode:
        """Return the first match of a pattern that says a text, itself or by a node in it."""
        wanted = UiSelector({"text" if kind == "text" else "descriptionContains": text})
        if scrolls:
            await self.scroll_into_view(wanted)
        for row in await self._rows(pattern):
            if Matcher(row).find_first(wanted) is not None:
                return row
        raise NoSuchElement(f'for {kind}= "{text}"')

    async def child_at(self, pattern: UiSelector, instance: int) -> AndroidNode | None:
        """Return the `instance`-th match of a pattern."""
        rows = await self._rows(pattern)
        return rows[instance] if 0 <= instance < len(rows) else None

    async def _rows(self, pattern: UiSelector) -> list[AndroidNode]:
        matcher = Matcher(await self._screen.window())
        container = matcher.find_first(self.container)
        return [] if container is None else list(matcher.instances(pattern, container))

    async def _has_in_view(self, wanted: UiSelector) -> bool:
        return Matcher(await self._screen.window()).find_first(wanted) is not None

    async def _swipe_on(self, swipes: int, steps: int, *, forward: bool) -> bool:
        for _ in range(min(swipes, MAX_SWIPES)):
            if not await self._swipe(steps, forward=forward):
                break
        return True

    async def _swipe(self, steps: int, *, forward: bool) -> bool:
        before = await self._screen.window()
        container = Matcher(before).find_first(self.container)
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
        await self._screen.swipe(start, end, steps=min(max(steps, 1), MAX_STEPS))
        return _content(before) != _content(await self._screen.window())


def _content(window: AndroidNode) -> list[tuple[object, ...]]:
    return [(node.ref, node.bounds, node.content_desc, node.text) for node in window.walk()]


# -- the methods a locator may call

_Reader = Callable[[str, str], Any]
_Method = Callable[..., Awaitable[object]]


def _read_selector(_expression: str, argument: str) -> UiSelector:
    return parse_selector(argument)


async def _set(target: UiScrollable, name: str, value: object) -> UiScrollable:
    setattr(target, name, value)
    return target


def _child_by(kind: Kind) -> _Method:
    async def child(to: UiScrollable, row: UiSelector, text: str, scrolls: bool = True) -> AndroidNode:
        return await to.child(row, kind, text, scrolls=scrolls)

    return child


METHODS: Mapping[str, tuple[_Method, Sequence[Sequence[_Reader]]]] = {
    "setAsVerticalList": (lambda to: _set(to, "vertical", value=True), [()]),
    "setAsHorizontalList": (lambda to: _set(to, "vertical", value=False), [()]),
    "setMaxSearchSwipes": (lambda to, swipes: _set(to, "max_swipes", swipes), [(read_integer,)]),
    "setSwipeDeadZonePercentage": (lambda to, share: _set(to, "dead_zone", share), [(read_number,)]),
    "scrollForward": (UiScrollable.scroll_forward, [(), (read_integer,)]),
    "scrollBackward": (UiScrollable.scroll_backward, [(), (read_integer,)]),
    "scrollToEnd": (UiScrollable.scroll_to_end, [(read_integer,), (read_integer, read_integer)]),
    "scrollToBeginning": (UiScrollable.scroll_to_beginning, [(read_integer,), (read_integer, read_integer)]),
    "flingForward": (lambda to: to.scroll_forward(FLING_STEPS), [()]),
    "flingBackward": (lambda to: to.scroll_backward(FLING_STEPS), [()]),
    "flingToEnd": (lambda to, swipes: to.scroll_to_end(swipes, FLING_STEPS), [(read_integer,)]),
    "flingToBeginning": (lambda to, swipes: to.scroll_to_beginning(swipes, FLING_STEPS), [(read_integer,)]),
    "scrollIntoView": (UiScrollable.scroll_into_view, [(_read_selector,)]),
    "scrollTextIntoView": (
        lambda to, text: to.scroll_into_view(UiSelector({"text": text})),
        [(read_string,)],
    ),
    "scrollDescriptionIntoView": (
        lambda to, text: to.scroll_into_view(UiSelector({"description": text})),
        [(read_string,)],
    ),
    "getChildByInstance": (UiScrollable.child_at, [(_read_selector, read_integer)]),
    "getChildByText": (
        _child_by("text"),
        [(_read_selector, read_string), (_read_selector, read_string, read_boolean)],
    ),
    "getChildByDescription": (
        _child_by("description"),
        [(_read_selector, read_string), (_read_selector, read_string, read_boolean)],
    ),
}
"""What each method does, and the arguments it takes: the first list that fits."""

CRITERIA = {"scrollTextIntoView": "text", "scrollDescriptionIntoView": "description"}


async def _scroll(screen: LookupScreen, statement: str) -> UiSelector | AndroidNode | None:
    """Do what a statement says; returns what its result is to be looked for by, or the result itself.

    That is what the last method gives that gives a `UiObject`, among which the server counts the scrollable
    itself: where one of its setters comes before a `scrollIntoView` that has to scroll, the *container* is
    found. So it is here. Else it is the last selector that was an argument, else the container.
    """
    expression = statement if statement.startswith(CONSTRUCTOR) else f"new {statement}"
    constructor, *methods = calls(expression, CONSTRUCTOR)
    if len(constructor.arguments) != 1:
        raise UiSelectorSyntax(
            expression, f"UiScrollable has no suitable constructor with arguments {constructor.argument_list}"
        )
    target = UiScrollable(screen, parse_selector(constructor.arguments[0]))
    selector: UiSelector | None = None
    outcome: UiSelector | AndroidNode | None = None
    absent = False
    for call in methods:
        method, arguments = _resolve(expression, call)
        selector = _selector_in(call, arguments) or selector
        looked_for = selector if call.name in {"scrollIntoView", *CRITERIA} else None
        if looked_for is not None and Matcher(await screen.window()).find_first(looked_for) is not None:
            # On screen already, wherever: the server doesn't ask for the container then.
            outcome, absent = selector, False
            continue
        result = await method(target, *arguments)
        if isinstance(result, UiScrollable):
            outcome, absent = result.container, False
        elif isinstance(result, AndroidNode):
            outcome, absent = result, False
        elif call.name == "getChildByInstance":
            absent = True
    return None if absent else outcome or selector or target.container


def _selector_in(call: MethodCall, arguments: Sequence[object]) -> UiSelector | None:
    if call.name in CRITERIA:
        return UiSelector({CRITERIA[call.name]: str(arguments[0])})
    return next((argument for argument in arguments if isinstance(argument, UiSelector)), None)


def _resolve(expression: str, call: MethodCall) -> tuple[_Method, list[Any]]:
    """Return the method that takes a call's arguments, and these as it takes them."""
    if call.name not in METHODS:
        raise UiSelectorSyntax(expression, f"UiScrollable has no `{call.name}` method")
    method, overloads = METHODS[call.name]
    mismatch: UiSelectorSyntax | None = None
    for readers in overloads:
        try:
            texts = check_count(expression, call, len(readers))
            return method, [read(expression, text) for read, text in zip(readers, texts, strict=True)]
        except UiSelectorSyntax as error:
            mismatch = error
    raise UiSelectorSyntax(expression, mismatch_message("UiScrollable", call, mismatch)) from mismatch
