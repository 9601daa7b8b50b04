"""Makes tests of journeys: markers, targets, and the runner around each script."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

import pytest

from journeys.journey import Journey, journey_of
from journeys.pytest_plugin.session import SESSION
from journeys.timeline import Timeline

TIMELINE: pytest.StashKey[Timeline] = pytest.StashKey()
"""Where a journey's item keeps its timeline."""


# Before pytest-asyncio, which goes by the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(obj: object) -> None:
    """Have pytest-asyncio run a journey in the loop its fixtures live in, whatever the project's settings."""
    if journey_of(obj) is not None:
        marks = list(getattr(obj, "pytestmark", ()))
        if not any(mark.name == "asyncio" for mark in marks):
            obj.pytestmark = [*marks, pytest.mark.asyncio(loop_scope="session").mark]  # type: ignore[attr-defined]  # a function takes it


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a journey, and any test that asks for a cast, once for every target named."""
    if "journey_target" in metafunc.fixturenames:
        targets = metafunc.config.stash[SESSION].targets
        metafunc.parametrize("journey_target", targets, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark journeys by priority and phase, and put the runner around their scripts."""
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


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what the journeys run against, once it is known that some will run."""
    ours = session.config.stash[SESSION]
    count = sum(TIMELINE in item.stash for item in session.items)
    if not count or session.config.getoption("collectonly"):
        return
    ours.wanted = True
    if session.testsfailed and not session.config.getoption("continue_on_collection_errors"):
        return  # pytest is about to end the session: something can't be imported
    ours.start_servers()
    if ours.console is not None:
        ours.console.started(ours.addresses, ours.targets, count)


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
            targets=targets_of(item),
            watch=item.config.stash[SESSION].watch_servers,
        )

    return performed


def targets_of(item: pytest.Item) -> tuple[str, ...]:
    """Return on which target a journey runs; none where it drives no app."""
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return (str(params["journey_target"]),) if "journey_target" in params else ()
