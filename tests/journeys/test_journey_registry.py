"""A journey is an async function with a name, a priority and a place in the registry."""

from __future__ import annotations

import sys
import types
from typing import Any, cast

import pytest

import journeys
from journeys import Journey, journey, registered_journeys
from journeys.journey import Priority, journey_of

pytestmark = pytest.mark.usefixtures("empty_registry")


def test_a_decorated_function_stays_what_it_is_and_is_known_by_its_name() -> None:
    async def somebody_looks() -> None:
        """See what there is."""

    decorated = journey("Somebody looks", priority="P0", phase="tdd_red")(somebody_looks)

    assert decorated is somebody_looks
    assert registered_journeys() == [
        Journey(
            id="somebody_looks",
            name="Somebody looks",
            priority="P0",
            phase="tdd_red",
            module=__name__,
            description="See what there is.",
            script=somebody_looks,
        )
    ]
    assert journey_of(somebody_looks) is registered_journeys()[0]


def test_what_is_not_decorated_is_no_journey() -> None:
    class Sly:
        __journey__ = "says so itself"

    assert journey_of(Sly) is None
    assert journey_of(None) is None
    assert journey_of(test_what_is_not_decorated_is_no_journey) is None


def test_journeys_are_listed_by_priority_then_module_then_as_written() -> None:
    def register(name: str, module: str, priority: Priority) -> None:
        async def script() -> None: ...

        script.__name__, script.__module__ = name, module
        journey(name.title(), priority=priority)(script)

    register("first", "b", "P1")
    register("second", "b", "P0")
    register("third", "a", "P1")
    register("fourth", "b", "P1")

    assert [one.id for one in registered_journeys()] == ["second", "third", "first", "fourth"]


def test_a_function_that_is_not_async_is_refused() -> None:
    def hasty() -> None: ...

    with pytest.raises(TypeError, match=r"hasty: a journey is an async function, write 'async def'"):
        journey("Too hasty")(hasty)  # type: ignore[type-var]  # which a type checker says too


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf")])
def test_a_timeout_that_is_none_is_refused(timeout: float) -> None:
    async def somebody_looks() -> None: ...

    with pytest.raises(ValueError, match="Somebody looks: a timeout is a number of seconds, more than 0"):
        journey("Somebody looks", timeout=timeout)(somebody_looks)
    assert journey_of(journey("Somebody looks", timeout=600)(somebody_looks)).timeout == 600  # type: ignore[union-attr]  # it is one


@pytest.mark.parametrize(
    ("seam", "seams"), [("sign-in", ("sign-in",)), (["sign-in", "feed"], ("sign-in", "feed")), ([], ())]
)
def test_a_journey_has_the_seams_that_it_covers(seam: str | list[str], seams: tuple[str, ...]) -> None:
    async def somebody_looks() -> None: ...

    found = journey_of(journey("Somebody looks", seam=seam, kind="edge")(somebody_looks))
    assert found is not None
    assert (found.seams, found.kind) == (seams, "edge")


def test_a_seam_or_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Somebody looks: 'Sign in' is no seam's id: small letters"):
        journey("Somebody looks", seam=["feed", "Sign in"])
    with pytest.raises(ValueError, match="Somebody looks: 'odd' is none of normal, edge, failure"):
        journey("Somebody looks", kind=cast("Any", "odd"))


def test_two_modules_cannot_have_a_journey_of_the_same_name() -> None:
    async def somebody_looks() -> None: ...

    async def another() -> None: ...

    another.__name__, another.__module__ = "somebody_looks", "elsewhere"
    journey("One")(somebody_looks)

    with pytest.raises(ValueError, match=rf"somebody_looks: in {__name__} and in elsewhere; rename one"):
        journey("Other")(another)


def test_the_same_module_read_again_replaces_its_journeys() -> None:
    async def somebody_looks() -> None: ...

    journey("Before")(somebody_looks)
    journey("After")(somebody_looks)

    assert [one.name for one in registered_journeys()] == ["After"]


@pytest.mark.parametrize("name", ["", "  ", test_what_is_not_decorated_is_no_journey])
def test_a_journey_has_a_name(name: Any) -> None:
    with pytest.raises(TypeError, match=r"write @journey\(\"Who sees what\"\)"):
        journey(name)


@pytest.mark.parametrize("settings", [{"priority": "P3"}, {"phase": "red"}])
def test_a_priority_or_phase_that_is_none_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Odd: '(P3|red)' is none of"):
        journey("Odd", **settings)


def test_everything_public_is_there_when_it_is_asked_for() -> None:
    assert sorted(journeys.__all__) == journeys.__all__
    for name in journeys.__all__:
        assert getattr(journeys, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        cast(Any, journeys).Nonsense  # noqa: B018 - asking is the point


def test_the_decorator_is_not_hidden_by_the_module_of_its_name() -> None:
    assert isinstance(sys.modules["journeys.journey"], types.ModuleType)
    assert journeys.journey is journey
    assert callable(journey)
