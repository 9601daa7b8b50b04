"""Which expectation looks for what is wanted of a surface, and what is there before it."""

from __future__ import annotations

from flutter_bridge import Finder, Node
from journeys.errors import UsageError
from journeys.expectations import Change, Count, Presence, State, Stillness, Text, Wanted, as_wanted
from journeys.pictures import Picture, Recogniser
from journeys.propagation.expectation import Expectation
from journeys.propagation.picture_expectation import PictureExpectation
from journeys.propagation.pixel_expectation import PixelExpectation
from journeys.propagation.reading import NumberReading, Reading, StateReading, TextReading, shown_in, text_of
from journeys.propagation.semantic_expectation import SemanticExpectation
from journeys.surface import Surface

_EXAMPLES = 'a picture, a text such as "Hello", or one of appears(), checked(), count(3) and the like'


def check_wanted(wanted: object) -> None:
    """Make sure that something can be expected; raises `TypeError` where it can't."""
    if not isinstance(wanted, Picture) and as_wanted(wanted) is None:
        raise TypeError(f"expect(…) takes {_EXAMPLES}, not {wanted!r}")


def is_brought(wanted: object) -> bool:
    """Whether a surface is brought wholly on screen: what is still to appear can't be scrolled to."""
    return not isinstance(wanted, Presence | Count)


async def show(wanted: object, on: Surface) -> None:
    """Go to a surface, and bring it on screen where it can be."""
    await (on.show() if is_brought(wanted) else on.go())


async def expectation_of(
    wanted: object, on: Surface, *, recogniser: Recogniser, still: float, budget: float
) -> Expectation:
    """Return what looks for it; reads what is there before where that isn't known."""
    if isinstance(wanted, Picture):
        return PictureExpectation(on, wanted, before=picture_before(wanted, on), recogniser=recogniser)
    asked = as_wanted(wanted)
    finder = on.finder_for(wanted)
    match asked:
        case Change() | Stillness():
            await _the_one(asked, on, finder)
            stays_s = None if isinstance(asked, Change) else asked.for_s or budget
            return PixelExpectation(
                on,
                wanted,
                wanted=str(asked),
                wording=asked.wording(finder),
                still=still,
                stays_s=stays_s,
            )
        case Text():
            return text_expectation(on, wanted, before=await _text_before(asked, wanted, on), still=still)
        case State():
            return _semantic(on, wanted, asked, await _state_reading(asked, on, finder), still)
        case Presence() | Count():
            before = len(shown_in(await on.app.semantics(watched=True), finder))
            return _semantic(on, wanted, asked, NumberReading(finder, asked, before=before), still)
        case _:
            raise TypeError(f"expect(…) takes {_EXAMPLES}, not {wanted!r}")


def text_expectation(
    on: Surface, wanted: object, *, before: str | tuple[str, bool], still: float
) -> SemanticExpectation:
    """Return what looks for a text; `before` is known to be there, or was read, which is said beside it."""
    asked = as_wanted(wanted)
    assert isinstance(asked, Text)  # noqa: S101 - the caller says so
    text, is_known = (before, True) if isinstance(before, str) else before
    reading = TextReading(on.finder_for(wanted), asked, before=text, is_known=is_known)
    return _semantic(on, wanted, asked, reading, still)


def picture_before(wanted: Picture, on: Surface) -> Picture | None:
    """Return what a surface shows before a picture; None where nobody knows."""
    before = on.current(wanted)
    return before if isinstance(before, Picture) else None


def _semantic(
    on: Surface, wanted: object, asked: Wanted, reading: Reading, still: float
) -> SemanticExpectation:
    return SemanticExpectation(
        on,
        wanted,
        wanted=wanted if isinstance(wanted, str) else str(asked),
        wording=asked.wording(on.finder_for(wanted)),
        reading=reading,
        still=still,
    )


async def _text_before(asked: Text, wanted: object, on: Surface) -> tuple[str, bool]:
    known = on.current(wanted)
    if isinstance(known, str):
        return known, True
    node = await _the_one(asked, on, on.finder_for(wanted))
    return text_of(node), False


async def _state_reading(asked: State, on: Surface, finder: Finder) -> StateReading:
    node = await _the_one(asked, on, finder)
    before = asked.of(node)
    if before is None:
        where = "on the web alone, and there " if asked.name == "expanded" else ""
        raise UsageError(
            f"{on.actor}'s {on.name} ({finder}) is a {node.role} whose semantics don't say whether it has "
            f"{asked}: that can be told {where}of nodes that say so"
        )
    return StateReading(finder, asked, before=before)


async def _the_one(asked: Wanted, on: Surface, finder: Finder) -> Node:
    """Return the one node that a surface is; raises `UsageError` where it may be any of several."""
    await on.app.find(finder)
    tree = await on.app.semantics(watched=True)
    found = shown_in(tree, finder)
    inner = {id(part) for node in found for part in node.walk() if part is not node}
    outermost = [node for node in found if id(node) not in inner]
    if len(outermost) > 1:
        raise UsageError(
            f"{on.actor}'s {on.name} may be any of {len(outermost)} nodes that {finder} finds, so {asked} "
            "can't be looked for: say which, as finder.nth(-1) or finder.within(…)"
        )
    return outermost[0] if outermost else await on.app.find(finder)
