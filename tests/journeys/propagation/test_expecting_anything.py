"""A block in which all kinds of things are expected: how one gets there, and what is refused at once."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Box, Finder, Role, by, now
from journeys import appears, changes, checked, contains, count, disappears, exactly, expanded, stays, value
from journeys.errors import UsageError
from journeys.propagation import BudgetMissed, ObserverError
from journeys.timeline import Verdict, VerdictReached
from tests.journeys.propagation.conftest import PlainSurface, Scene, ScriptedApp, Thing

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig

THING = by.identifier("thing")
BOX = Box(20, 100, 160, 44)


def says(text: str) -> Thing:
    return Thing(box=BOX, colour="#ffffff", states={"label": text})


def place(*things: Thing, finder: Finder = THING) -> PlainSurface:
    app = ScriptedApp()
    app.play(now() - 1, Scene(things=things))
    return PlainSurface("place", app, finder)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeys.propagation.waiting.CONTROL_PATIENCE_S", 0.1)


async def test_one_app_is_watched_for_many_kinds_at_once(rig: Rig) -> None:
    message, box, badge = (
        PlainSurface(name, ScriptedApp(), by.identifier(name)) for name in ("message", "box", "badge")
    )
    app = box.played_by = badge.played_by = message.played_by
    at = {"message": Box(10, 10, 120, 40), "box": Box(10, 100, 24, 24), "badge": Box(100, 100, 24, 24)}

    def scene(text: str, *, is_checked: bool, with_badge: bool) -> Scene:
        things = [
            Thing("message", at["message"], "#ffffff", {"label": text}),
            Thing("box", at["box"], "#2050d0" if is_checked else "#b0b0b0", {"checked": is_checked}),
            Thing("badge", at["badge"]),
        ]
        return Scene(things=tuple(things if with_badge else things[:2]))

    app.play(now() - 1, scene("Hi", is_checked=False, with_badge=False))
    async with rig.change(within=2.0) as change:
        change.expect("Hello", on=message)
        change.expect(checked(), on=box)
        change.expect(appears(), on=badge)
        await change.arm()
        moment = rig.act(change)
        app.play(moment + 0.1, scene("Hello", is_checked=False, with_badge=False))
        app.play(moment + 0.3, scene("Hello", is_checked=True, with_badge=False))
        app.play(moment + 0.5, scene("Hello", is_checked=True, with_badge=True))
    seen = rig.timeline.events_of(VerdictReached)
    assert [each.wanted for each in seen] == ["Hello", "the state “checked”", "appears"]
    for each, truth in zip(seen, (0.1, 0.3, 0.5), strict=True):
        assert each.tap_to_visible_s is not None
        assert each.tap_to_visible_s.low <= truth <= each.tap_to_visible_s.high
        assert (each.verdict, each.source) == (Verdict.PASSED, "scripted, semantics")


@pytest.mark.parametrize(("wanted", "brought"), [(appears(), 0), (count(1), 0), (contains("b"), 1)], ids=str)
async def test_what_is_still_to_appear_is_only_gone_to(rig: Rig, wanted: object, brought: int) -> None:
    it = place(says("a")) if brought else place()
    async with rig.change() as change:
        change.expect(wanted, on=it)
        await change.arm()
        it.played_by.play(rig.act(change) + 0.05, Scene(things=(says("b"),)))
    assert (it.went, it.brought) == (1 - brought, brought)


@pytest.mark.parametrize(
    ("wanted", "thing", "message"),
    [
        (
            appears(),
            says("Hello"),
            r"place is there already \(by.identifier\(\"thing\"\)\) before anything was",
        ),
        (count(1), says("Hello"), r"place shows 1 of by.identifier\(\"thing\"\) before anything was done"),
        ("Hello", says("Hello\nBob"), "place shows the text “Hello” before anything was done"),
        (contains("ell"), says("Hello"), "place shows a text with “ell” before anything was done"),
        (re.compile("l+"), says("Hello"), r"place shows a text like “l\+” before anything was done"),
        (
            checked(),
            Thing(states={"checked": True}),
            "place shows the state “checked” before anything was done",
        ),
    ],
    ids=str,
)
@pytest.mark.usefixtures("impatient")
async def test_what_holds_already_stops_the_change(
    rig: Rig, wanted: object, thing: Thing, message: str
) -> None:
    with pytest.raises(ObserverError, match=f"{message}.*not attempted"):
        async with rig.change() as change:
            change.expect(wanted, on=place(thing))
            await change.arm()


@pytest.mark.usefixtures("impatient")
async def test_what_is_gone_already_stops_the_change(rig: Rig) -> None:
    with pytest.raises(ObserverError, match=r"place is not there \(by.* before anything was done"):
        async with rig.change() as change:
            change.expect(disappears(), on=place())
            await change.arm()


@pytest.mark.parametrize("wanted", ["Hello", exactly("Hello"), checked(), changes(), stays()], ids=str)
async def test_a_surface_that_may_be_any_of_several_is_refused(rig: Rig, wanted: object) -> None:
    several = [Thing(box=Box(20, 30 * at, 40, 24), states={"checked": False}) for at in range(3)]
    with pytest.raises(
        UsageError, match=r"bob's place may be any of 3 nodes that by.identifier\(\"thing\"\) finds"
    ):
        async with rig.change() as change:
            change.expect(wanted, on=place(*several))
            await change.arm()


async def test_one_of_several_is_said_by_its_number(rig: Rig) -> None:
    several = [Thing(box=Box(20, 30 * at, 40, 24), states={"checked": False}) for at in range(3)]
    it = place(*several, finder=THING.nth(1))
    async with rig.change() as change:
        change.expect(checked(), on=it)
        await change.arm()
        several[1] = replace(several[1], colour="#d03030", states={"checked": True})
        it.played_by.play(rig.act(change) + 0.05, Scene(things=tuple(several)))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (checked(), "is a button whose semantics don't say whether it has the state “checked”"),
        (expanded(), "the state “expanded”: that can be told on the web alone"),
        (value("7"), "don't say whether it has the value “7”"),
    ],
    ids=str,
)
async def test_a_state_that_a_node_does_not_have_is_refused(rig: Rig, wanted: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        async with rig.change() as change:
            change.expect(wanted, on=place(Thing(states={"role": Role.BUTTON})))
            await change.arm()


@pytest.mark.parametrize("wanted", [None, 3, True, re.compile(b"x"), appears, ["Hello"]])
def test_what_is_nothing_that_can_be_seen_is_refused_at_once(rig: Rig, wanted: object) -> None:
    with pytest.raises(TypeError, match=r"takes a picture, a text such as .* not"):
        rig.change().expect(wanted, on=place())


def test_what_makes_no_sense_cannot_be_made() -> None:
    for make in (lambda: contains(" "), lambda: exactly(""), lambda: count(-1), lambda: count(True)):
        with pytest.raises(TypeError):
            make()
    with pytest.raises(TypeError, match=r"checked\(…\) takes True or False"):
        checked("yes")  # type: ignore[arg-type]  # which is the mistake
    with pytest.raises(ValueError, match="takes more than 0 s"):
        stays(for_s=0)


async def test_an_empty_text_is_refused(rig: Rig) -> None:
    with pytest.raises(TypeError, match="takes a text that can be read"):
        rig.change().expect("", on=place())


async def test_a_change_of_any_kind_that_lasts_is_timed(rig: Rig) -> None:
    it = place(Thing())
    async with rig.change(within=2.0) as change:
        change.expect(changes(), on=it)
        await change.arm()
        it.played_by.play(rig.act(change) + 0.3, Scene(things=(Thing(colour="#d03030"),)))
    (seen,) = rig.timeline.events_of(VerdictReached)
    assert seen.tap_to_visible_s is not None
    assert seen.tap_to_visible_s.low <= 0.3 <= seen.tap_to_visible_s.high
    assert (seen.source, seen.reason[:8]) == ("scripted", "changed ")


async def test_what_stays_for_the_whole_budget_passes(rig: Rig) -> None:
    it = place(Thing())
    async with rig.change(within=0.5) as change:
        change.expect(stays(), on=it)
        await change.arm()
        rig.act(change)
    (seen,) = rig.timeline.events_of(VerdictReached)
    assert seen.verdict is Verdict.PASSED
    assert seen.reason.startswith("stayed as it was for 500 ms after the tap; up to ")


async def test_what_changes_for_a_moment_has_not_stayed(rig: Rig) -> None:
    it = place(Thing())
    with pytest.raises(BudgetMissed, match=r"bob's place changed .* after the tap, had to stay for 600 ms"):
        async with rig.change(within=0.2) as change:
            change.expect(stays(for_s=0.6), on=it)
            await change.arm()
            moment = rig.act(change)
            it.played_by.play(moment + 0.3, Scene(things=(Thing(colour="#d03030"),)))
            it.played_by.play(moment + 0.4, Scene(things=(Thing(),)))
    (seen,) = rig.timeline.events_of(VerdictReached)
    assert seen.fault == "changed"


async def test_what_changes_after_its_time_has_stayed(rig: Rig) -> None:
    it = place(Thing())
    async with rig.change(within=0.3) as change:
        change.expect(stays(), on=it)
        await change.arm()
        it.played_by.play(rig.act(change) + 0.34, Scene())


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("wanted", [changes(), stays()], ids=str)
async def test_what_never_stands_still_cannot_be_told_to_change(rig: Rig, wanted: object) -> None:
    it = place(Thing())
    for number in range(200):
        it.played_by.play(now() + 0.05 * number, Scene(things=(Thing(colour=f"#{number % 2 * 9}0d030"),)))
    with pytest.raises(ObserverError, match=r"place was not recognised .* it does not stand still"):
        async with rig.change() as change:
            change.expect(wanted, on=it)
            await change.arm()


async def test_a_picture_may_come_where_nobody_knows_what_is_there(rig: Rig) -> None:
    header = rig.place()
    header.shows = None
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.2, rig.scene("header", rig.new))
    (seen,) = rig.timeline.events_of(VerdictReached)
    assert seen.commit_to_visible_s is not None
    assert seen.commit_to_visible_s.low <= 0.2 <= seen.commit_to_visible_s.high


async def test_a_picture_that_goes_back_to_what_nobody_knew_has_reverted(rig: Rig) -> None:
    header = rig.place()
    header.shows = None
    with pytest.raises(BudgetMissed, match="went back to the old one"):
        async with rig.change(within=0.2, settle=0.5) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            moment = rig.act(change)
            header.played_by.play(moment + 0.1, rig.scene("header", rig.new))
            header.played_by.play(moment + 0.3, rig.scene("header", rig.old))


@pytest.mark.usefixtures("impatient")
async def test_an_unknown_picture_that_is_the_new_one_stops_the_change(rig: Rig) -> None:
    header = rig.place()
    header.shows = None
    header.played_by.play(now(), rig.scene("header", rig.new))
    with pytest.raises(ObserverError, match="shows the new picture before anything was done"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()
