"""Makes tests of journeys: markers, targets, and the runner around each script."""

from __future__ import annotations

import json
from collections.abc import Generator
from functools import partial, wraps
from inspect import isasyncgenfunction, iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest

from journeys.errors import UsageError, name_nearest
from journeys.journey import Journey, journey_of
from journeys.pytest_plugin.attempts import ATTEMPT, plays_tests
from journeys.pytest_plugin.session import SESSION
from journeys.run import Combination
from journeys.runner import run_journey
from journeys.snapshots import forget_entry
from journeys.timeline import PlayedAgain, ScreenCompared, Timeline

WHY_AGAIN: pytest.StashKey[str] = pytest.StashKey()
"""Where an item that is played again keeps why."""

TIMELINE: pytest.StashKey[Timeline] = pytest.StashKey()
"""Where an item that may be a journey keeps its attempt's timeline."""

# The parameter that tells a journey's repeated runs apart; no fixture, for a journey needn't know.
_RUN = "journey_run"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a journey, and any test that asks for a cast, once for every target named; journeys repeatedly."""
    spec, journey = metafunc.config.stash[SESSION].spec, journey_of(metafunc.function)
    if "journey_target" in metafunc.fixturenames:
        names = spec.casting_names_of(None if journey is None else journey.id)
        metafunc.parametrize("journey_target", names, indirect=True, scope="session")
    repeat = spec.options.repeat
    if repeat is not None and journey is not None:
        numbers = range(1, repeat + 1)
        metafunc.fixturenames.append(_RUN)
        metafunc.parametrize(_RUN, numbers, ids=[f"{number}of{repeat}" for number in numbers])


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Mark journeys by priority and phase, put the runner around their scripts, and order repeated runs."""
    for item in items:
        journey = _journey_of(item)
        if journey is None or not isinstance(item, pytest.Function):
            continue
        item.add_marker("journey")
        item.add_marker(journey.priority.lower())
        if journey.phase is not None:
            item.add_marker(journey.phase)
        item.stash[TIMELINE] = Timeline()
        item.obj = _wrap_script(item, journey)
    spec = config.stash[SESSION].spec
    if spec.options.journeys:
        _keep_named(session, items, spec.options.journeys)
    if spec.options.repeat is not None:
        # Round by round: what changes on the machine meanwhile meets all journeys alike, and what is cut
        # short has as much of each. Targets stay together, as pytest has put them.
        names = spec.casting_names
        items.sort(key=lambda item: (names.index(casting_of(item) or names[0]), run_of(item)))


def _keep_named(session: pytest.Session, items: list[pytest.Item], names: tuple[str, ...]) -> None:
    """Keep the journeys of some names; unlike `-k`, no others whose names contain these."""
    of = {item: journey.id for item in items if (journey := _journey_of(item))}
    session.config.hook.pytest_deselected(items=[item for item in items if of.get(item) not in names])
    items[:] = [item for item in items if of.get(item) in names]
    missing = next((name for name in names if name not in of.values()), None)
    # What could not be collected may have it, and is complained of by itself.
    if missing is not None and not session.testsfailed:
        items.clear()
        session.config.stash[SESSION].refuse_journey(missing, name_nearest(missing, set(of.values())))


# After those who shuffle: the nightly run's order is what packs its workers.
@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def pytest_keep_combinations(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a nightly run's combinations, in its order, where there is one."""
    nightly = config.stash[SESSION].spec.nightly
    if nightly is None:
        return
    order = {combination: number for number, combination in enumerate(nightly.combinations)}
    of = {item: order.get(_combination_of(item)) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if of[item] is None])
    items[:] = sorted((item for item in items if of[item] is not None), key=lambda item: of[item] or 0)


def _combination_of(item: pytest.Item) -> Combination:
    journey = _journey_of(item)
    return Combination(journey.id if journey is not None else "", casting_of(item))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what the journeys run against, once it is known that some will run."""
    ours = session.config.stash[SESSION]
    listing = session.config.getoption("--journey-listing")
    if listing and not ours.is_worker:
        _write_listing(Path(listing), session.items)
    count = sum(TIMELINE in item.stash for item in session.items)
    if not count or not plays_tests(session.config):
        return
    ours.outcomes.is_wanted = True
    observers = ours.spec.options.observers
    if observers is not None and not any(map(_takes_observers, session.items)):
        ours.end(
            UsageError(
                f"{observers} observers were asked for, but none of these journeys takes `observers`: name"
                " one that does, or leave the number out"
            )
        )
    if session.testsfailed and not session.config.getoption("continue_on_collection_errors"):
        return  # pytest is about to end the session: something can't be imported
    ours.start()
    ours.say_started(count)


def _write_listing(file: Path, items: list[pytest.Item]) -> None:
    # One that drives no app is the same wherever it is played: nothing for a nightly run to combine.
    journeys = (_journey_of(item) for item in items if casting_of(item))
    listed = {
        each.id: {"id": each.id, "name": each.name, "priority": each.priority} for each in journeys if each
    }
    file.write_text(json.dumps(list(listed.values())), encoding="utf-8")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Run what a journey asks for in the journey's own loop, where its apps live, unless it says where."""
    function = getattr(fixturedef.func, "__func__", fixturedef.func)
    is_asynchronous = iscoroutinefunction(function) or isasyncgenfunction(function)
    if not is_asynchronous or _journey_of(request._pyfuncitem) is None:
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        # pytest-asyncio goes by this, and by the project's settings where it is None.
        scope = getattr(function, "_loop_scope", None) or "session"
        patch.setattr(function, "_loop_scope", scope, raising=False)
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin another attempt with a timeline of its own, and with nothing of what the last one compared."""
    if ATTEMPT not in item.stash:
        return
    session = item.config.stash[SESSION]
    session.environment.devices_used.clear()
    if TIMELINE in item.stash:
        for event in item.stash[TIMELINE].events_of(ScreenCompared):
            if event.folder.parent == session.spec.screens.results:
                forget_entry(event.folder)  # the pictures in it stay
        item.stash[TIMELINE] = Timeline()


def _wrap_script(item: pytest.Function, journey: Journey) -> Any:
    """Return the journey's script with the runner around it."""
    script = item.obj
    configured = item.config.stash[SESSION].spec.configuration.journey_timeout

    @wraps(script)
    async def play(**fixtures: Any) -> None:
        if why := item.stash.get(WHY_AGAIN, ""):
            item.stash[TIMELINE].emit(PlayedAgain(why=why))
        await run_journey(
            journey,
            partial(script, **fixtures),
            timeline=item.stash[TIMELINE],
            casting=casting_of(item),
            targets=targets_of(item),
            limit_s=configured if journey.timeout is None else journey.timeout,
            watch=item.config.stash[SESSION].environment.watch,
        )

    return play


def casting_of(item: pytest.Item) -> str:
    """Return the name of the casting a journey is played with; empty where it drives no app."""
    return str(_parameters_of(item).get("journey_target", ""))


def targets_of(item: pytest.Item) -> tuple[str, ...]:
    """Return what reports call the targets on which a journey is played; none where it drives no app."""
    session, name = item.config.stash[SESSION], casting_of(item)
    targets = session.spec.casting(name).targets if name else ()
    return tuple(map(session.environment.display_name, targets))


def run_of(item: pytest.Item) -> int:
    """Return which of a journey's repeated runs this is; 1 where it is run once."""
    number: int = _parameters_of(item).get(_RUN, 1)
    return number


def _parameters_of(item: pytest.Item) -> dict[str, Any]:
    return item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}


def _journey_of(item: pytest.Item) -> Journey | None:
    return journey_of(getattr(item, "obj", None))


def _takes_observers(item: pytest.Item) -> bool:
    return TIMELINE in item.stash and "observers" in getattr(item, "fixturenames", ())
