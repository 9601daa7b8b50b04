"""What moves on a real screen is tapped on every platform, and never what is beside it."""

from __future__ import annotations

import pytest

from flutter_bridge import FlutterApp, by
from tests.flutter_bridge.conftest import Visited
from tests.flutter_bridge.sample_motions import ROWS, WAYS


@pytest.fixture(
    params=[
        pytest.param("visited_web_app", marks=pytest.mark.xdist_group("web")),
        pytest.param("visited_mobile_web_app", marks=pytest.mark.xdist_group("mobile-web")),
        pytest.param("visited_android_app", marks=pytest.mark.xdist_group("android")),
    ]
)
def visited(request: pytest.FixtureRequest) -> Visited[FlutterApp]:
    one: Visited[FlutterApp] = request.getfixturevalue(request.param)
    return one


@pytest.fixture
async def motions(visited: Visited[FlutterApp]) -> FlutterApp:
    """Show the screen on which things move, with nothing done on it."""
    await visited.rest()
    await visited.app.find(by.identifier("place"))
    await visited.visit("/motions")
    await visited.app.find(by.text("Done: nothing"))
    return visited.app


@pytest.mark.parametrize("way", WAYS)
async def test_a_tap_on_what_moves_lands_on_it(motions: FlutterApp, way: str) -> None:
    start = await motions.find(by.label(way))
    await motions.tap(by.label(way))
    await motions.find(by.text("Done: moves"))
    await motions.tap(by.label("Target"))
    await motions.find(by.text("Done: hit"))
    distance, _ = WAYS[way]
    after = await motions.find(by.label("Target"))
    assert after.box.top - start.box.bottom > distance / 2  # where it was a moment before was just below


async def test_a_row_of_a_list_that_was_flung_is_tapped_once_it_has_settled(motions: FlutterApp) -> None:
    await motions.swipe(by.identifier("rows"), "up")
    await motions.swipe(by.identifier("rows"), "up")
    await motions.tap(by.label(f"Row {ROWS - 1}"))
    await motions.find(by.text(f"Done: row {ROWS - 1}"))
