"""The screens of a journey: new, the same, different; accepted or not; kept for the review."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PIL import ImageDraw

from flutter_bridge import FlutterApp
from journeys.errors import InfrastructureError, UsageError
from journeys.snapshots import (
    ScreenKey,
    ScreensDiffer,
    ScreenStatus,
    SnapshotMode,
    Snapshots,
    SnapshotSettings,
    baseline_path,
    gather_entries,
    raise_for_screens,
    read_baseline,
    read_record,
    write_record,
)
from journeys.timeline import ScreenCompared, StepStarted, Timeline
from tests.journeys.snapshots.painted import Painted, blank

Open = Callable[..., tuple[Snapshots, Timeline]]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Return a function that gives the screens of a journey's next run, and its timeline."""

    def open_one(
        mode: SnapshotMode = SnapshotMode.CI, *, update: bool = False, linger_s: float = 0
    ) -> tuple[Snapshots, Timeline]:
        timeline = Timeline()
        settings = SnapshotSettings(
            baselines=tmp_path / "baselines",
            results=tmp_path / "results",
            mode=mode,
            update=update,
            linger_s=linger_s,
        )
        return Snapshots(settings, journey="a_journey", timeline=timeline), timeline

    return open_one


def app(colour: str = "teal") -> FlutterApp:
    return cast(FlutterApp, Painted(lambda pen, _: pen.rectangle((10, 10, 60, 40), fill=colour)))


async def check(screens: Snapshots, shown: FlutterApp, name: str = "door") -> ScreenStatus:
    return await screens.check(shown, name, actor="alice", theme="light")


@pytest.mark.parametrize(("mode", "accepted"), [(SnapshotMode.LOCAL, True), (SnapshotMode.CI, False)])
async def test_a_screen_without_a_baseline_is_new_and_passes_only_where_somebody_looks(
    opened: Open, tmp_path: Path, mode: SnapshotMode, accepted: bool
) -> None:
    screens, timeline = opened(mode)
    assert await check(screens, app()) is ScreenStatus.NEW
    (event,) = timeline.events_of(ScreenCompared)
    assert (event.status, event.accepted, event.target) == ("new", accepted, "painted-1x")
    assert not (tmp_path / "baselines").exists()


async def test_what_was_recorded_is_the_same_the_next_time(opened: Open) -> None:
    recording, timeline = opened(update=True)
    assert await check(recording, app()) is ScreenStatus.NEW
    raise_for_screens(timeline)
    again, timeline = opened()
    assert await check(again, app()) is ScreenStatus.SAME
    raise_for_screens(timeline)


async def test_a_difference_fails_the_journey_at_its_end_and_changes_no_baseline(
    opened: Open, tmp_path: Path
) -> None:
    await check(opened(update=True)[0], app())
    key = ScreenKey("a_journey", "door", "painted-1x", "light")
    path = baseline_path(tmp_path / "baselines", key)
    before = read_baseline(path)
    screens, timeline = opened(SnapshotMode.LOCAL)
    assert await check(screens, app("red")) is ScreenStatus.CHANGED
    assert await check(screens, app(), "another") is ScreenStatus.NEW
    with pytest.raises(ScreensDiffer, match=r"^alice's screen door \(painted-1x, light\): .+$"):
        raise_for_screens(timeline)
    assert read_baseline(path) == before


async def test_updated_baselines_show_what_is_shown_now(opened: Open) -> None:
    await check(opened(update=True)[0], app())
    updating, timeline = opened(update=True)
    assert await check(updating, app("red")) is ScreenStatus.CHANGED
    raise_for_screens(timeline)
    assert await check(opened()[0], app("red")) is ScreenStatus.SAME


async def test_all_is_kept_for_the_review(opened: Open, tmp_path: Path) -> None:
    await check(opened(update=True)[0], app())
    screens, timeline = opened()
    timeline.emit(StepStarted(title="alice opens the door", depth=0))
    timeline.emit(StepStarted(title="the look itself", depth=0))
    await check(screens, app("red"))
    results = tmp_path / "results"
    write_record(results, gather_entries(results), baselines=tmp_path / "baselines")
    (record,), baselines = read_record(results)
    assert (record.status, record.actor) == (ScreenStatus.CHANGED, "alice")
    assert baselines.resolve() == (tmp_path / "baselines").resolve()
    for name in (
        record.actual,
        record.baseline,
        record.difference,
        record.semantics,
        record.baseline_semantics,
    ):
        assert name is not None
        assert (results / name).stat().st_size > 0
    assert [frame.title for frame in record.film] == ["alice opens the door"]
    assert json.loads((results / "screens.json").read_text())["screens"][0]["id"] == record.key.id


async def test_a_name_is_used_once_in_a_journey(opened: Open) -> None:
    screens, _ = opened(SnapshotMode.LOCAL)
    await check(screens, app())
    with pytest.raises(UsageError, match="give each a name of its own"):
        await check(screens, app())


async def test_a_name_that_no_file_may_have_is_refused_at_once(opened: Open) -> None:
    screens, timeline = opened()
    with pytest.raises(UsageError, match="can't be part of a baseline's name"):
        await check(screens, app(), "../door")
    assert not timeline.events_of(ScreenCompared)


async def test_a_disk_that_is_full_is_told_in_a_line(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("journeys.snapshots.checks.write_baseline", full)
    with pytest.raises(InfrastructureError, match=r"a screen can't be kept in .*: No space left on device"):
        await check(opened(update=True)[0], app())


async def test_what_draws_a_screen_is_in_its_baselines_name(opened: Open, tmp_path: Path) -> None:
    class Drawing(Painted):
        target = "web"
        renderer = "firefox 140.0"

    shown = Drawing(blank, ratio=2.0)
    await check(opened(update=True)[0], cast(FlutterApp, shown))
    assert [path.name for path in (tmp_path / "baselines" / "a_journey").glob("*.png")] == [
        "door[web-firefox-2x][light].png"
    ]


async def test_a_difference_that_goes_by_itself_is_none(opened: Open) -> None:
    def paint(pen: ImageDraw.ImageDraw, look: int) -> None:
        pen.rectangle((10, 10, 60, 40), fill="teal")
        if look < 7:
            pen.rectangle((0, 60, 99, 79), fill="black")  # a snack bar

    recording, _ = opened(update=True, linger_s=1.2)
    assert await check(recording, cast(FlutterApp, Painted(paint))) is ScreenStatus.NEW
    screens, _ = opened(linger_s=1.2)
    assert await check(screens, app()) is ScreenStatus.SAME
    again, _ = opened(linger_s=60)
    assert await check(again, cast(FlutterApp, Painted(paint))) is ScreenStatus.SAME
