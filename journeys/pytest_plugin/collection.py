"""Makes tests of journeys: markers, targets, and the runner around each script."""

from __future__ import annotations

import json
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest

from journeys.errors import UsageError, nearest
from journeys.journey import Journey, journey_of
from journeys.pytest_plugin.attempts import TIMELINE
from journeys.pytest_plugin.cells import Cell
from journeys.pytest_plugin.session import SESSION
from journeys.timeline import Timeline


# Before pytest-asyncio, which goes by the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(obj: object) -> None:
    """Have pytest-asyncio run a journey in the loop its fixtures live in, whatever the project's settings."""
    if journey_of(obj) is not None:
        marks = list(getattr(obj, "pytestmark", ()))
        if not any(mark.name == "asyncio" for mark in marks):
            obj.pytestmark = [*marks, pytest.mark.asyncio(loop_scope="session").mark]  # type: ignore[attr-defined]  # a function takes it


# The parameter that tells a journey's repeated runs apart; no fixture, for a journey needn't know.
_RUN = "journey_run"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a journey, and any test that asks for a cast, once for every target named; journeys repeatedly."""
    session = metafunc.config.stash[SESSION]
    if "journey_target" in metafunc.fixturenames:
        names = session.castings_of(journey_of(metafunc.function))
        metafunc.parametrize("journey_target", names, indirect=True, scope="session")
    if session.repeat is not None and journey_of(metafunc.function) is not None:
        numbers = range(1, session.repeat + 1)
        metafunc.fixturenames.append(_RUN)
        metafunc.parametrize(_RUN, numbers, ids=[f"{number}of{session.repeat}" for number in numbers])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark journeys by priority and phase, put the runner around their scripts, and order repeated runs."""
    for item in items:
        journey = journey_of(getattr(item, "obj", None))
        if journey is None or not isinstance(item, pytest.Function):
            continue
        item.add_marker("journey")
        item.add_marker(journey.priority.lower())
        if journey.phase is not None:
            item.add_marker(journey.phase)
        item.stash[TIMELINE] = Timeline()
        item.obj = _performed(item, journey)
    names = config.getoption("--journey")
    if names:
        _keep_named(config, items, names)
    castings = config.stash[SESSION].castings_named
    if config.stash[SESSION].repeat is not None:
        # Round by round: what changes on the machine meanwhile meets all journeys alike, and what is cut
        # short has as much of each. Targets stay together, as pytest has put them.
        items.sort(key=lambda item: (castings.index(casting_of(item) or castings[0]), run_of(item)))


def _keep_named(config: pytest.Config, items: list[pytest.Item], names: list[str]) -> None:
    """Keep the journeys of some names; unlike `-k`, no others whose names contain these."""
    of = {item: journey.id for item in items if (journey := journey_of(getattr(item, "obj", None)))}
    for name in names:
        if name not in of.values():
            raise pytest.UsageError(
                f"--journey {name}: no journey is called so: {nearest(name, set(of.values()))}"
            )
    config.hook.pytest_deselected(items=[item for item in items if of.get(item) not in names])
    items[:] = [item for item in items if of.get(item) in names]


# After those who shuffle: the nightly job's order is what packs its workers.
@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def pytest_keep_cells(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the nightly job's cells, in its order, where there is one."""
    cells = config.stash[SESSION].cells
    if cells is None:
        return
    order = {cell: number for number, cell in enumerate(cells)}
    of = {item: order.get(_cell_of(item)) for item in items}
    config.hook.pytest_deselected(items=[item for item in items if of[item] is None])
    items[:] = sorted((item for item in items if of[item] is not None), key=lambda item: of[item] or 0)


def _cell_of(item: pytest.Item) -> Cell:
    journey = journey_of(getattr(item, "obj", None))
    return Cell(journey.id if journey is not None else "", casting_of(item))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what the journeys run against, once it is known that some will run."""
    ours = session.config.stash[SESSION]
    listing = session.config.getoption("--journey-listing")
    if listing and not ours.is_worker:
        _write_listing(Path(listing), session.items)
    count = sum(TIMELINE in item.stash for item in session.items)
    if not count or session.config.getoption("collectonly"):
        return
    ours.wanted = True
    if ours.observers is not None and not any(_takes_observers(item) for item in session.items):
        ours.exit_codes.add(UsageError.exit_code)
        pytest.exit(
            f"{ours.observers} observers were asked for, but none of these journeys takes `observers`: name"
            " one that does, or leave the number out",
            returncode=UsageError.exit_code,
        )
    if session.testsfailed and not session.config.getoption("continue_on_collection_errors"):
        return  # pytest is about to end the session: something can't be imported
    ours.open_results()
    ours.start_servers()
    ours.say_started(count)


def _write_listing(file: Path, items: list[pytest.Item]) -> None:
    # One that drives no app is the same wherever it is played: no cell of a nightly job.
    journeys = (journey_of(getattr(item, "obj", None)) for item in items if casting_of(item))
    listed = {
        each.id: {"id": each.id, "name": each.name, "priority": each.priority} for each in journeys if each
    }
    file.write_text(json.dumps(list(listed.values())), encoding="utf-8")


def _performed(item: pytest.Function, journey: Journey) -> Any:
    """Return the journey's script with the runner around it."""
    script = item.obj

    @wraps(script)
    async def performed(**fixtures: Any) -> None:
        from journeys.runner import run_journey  # noqa: PLC0415 - a session without journeys needs none of it

        await run_journey(
            journey,
            partial(script, **fixtures),
            timeline=item.stash[TIMELINE],
            casting=casting_of(item),
            targets=targets_of(item),
            watch=item.config.stash[SESSION].watch_servers,
        )

    return performed


def casting_of(item: pytest.Item) -> str:
    """Return the name of the casting a journey is played with; empty where it drives no app."""
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return str(params.get("journey_target", ""))


def targets_of(item: pytest.Item) -> tuple[str, ...]:
    """Return what reports call the targets on which a journey is played; none where it drives no app."""
    session, name = item.config.stash[SESSION], casting_of(item)
    return tuple(session.shown(target) for target in session.casting(name).targets) if name else ()


def run_of(item: pytest.Item) -> int:
    """Return which of a journey's repeated runs this is; 1 where it is run once."""
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    number: int = params.get(_RUN, 1)  # type: ignore[assignment]  # from the range above
    return number


def _takes_observers(item: pytest.Item) -> bool:
    return TIMELINE in item.stash and "observers" in getattr(item, "fixturenames", ())
