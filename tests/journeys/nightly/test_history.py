"""The history: a night is kept once, in parts or as a whole, and says how long cells take."""

from __future__ import annotations

import asyncio

from journeys.nightly.record import AttemptRecord, CellRecord, CellStatus, NightRecord
from journeys.nightly.store import Store
from journeys.nightly.trends import TrendsRecord
from tests.journeys.nightly.sample_nights import cell, night, surface


def tries(*outcomes: str, seconds: float = 14.2, of: str = "journey", on: str = "web") -> CellRecord:
    """A cell whose last outcome is that of the last try; `x` is one the infrastructure spoiled."""
    words: dict[str, CellStatus] = {"p": "passed", "f": "failed", "x": "error"}
    tried = [cell(words[outcome], of=of, on=on, seconds=seconds) for outcome in outcomes]
    attempts = [
        AttemptRecord(**{**each["attempts"][0], "number": number})
        for number, each in enumerate(tried, start=1)
    ]
    return CellRecord(**{**tried[-1], "attempts": attempts})


async def trends_after(store: Store, *nights: NightRecord) -> TrendsRecord:
    for each in nights:
        await store.keep(each)
    return await store.trends()


async def test_a_night_that_is_kept_again_changes_nothing(store: Store) -> None:
    whole = night(cell(surfaces=[surface("passed", None)]), cell("failed", on="android"))
    once = await trends_after(store, whole)
    again = await trends_after(store, whole)

    assert again == once
    assert [row["counts"] for row in once["nights"]] == [{"passed": 1, "failed": 1}]
    assert [row["samples"] for row in once["propagation"][0]["nights"]] == [1]


async def test_shards_in_any_order_and_at_once_make_up_the_night(store: Store) -> None:
    shards = [
        night(cell(of=f"journey_{number}"), cell("failed", of=f"journey_{number}", on="android"),
              shards=[number], shard_count=3, duration_s=float(number))
        for number in (1, 2, 3)
    ]  # fmt: skip
    await asyncio.gather(*(store.keep(shards[place]) for place in (1, 2, 0)))

    (row,) = (await store.trends())["nights"]
    assert row["counts"] == {"passed": 3, "failed": 3}
    assert (row["status"], row["duration_s"]) == ("failed", 3.0)


async def test_what_was_played_is_not_forgotten_for_a_merge_that_misses_it(store: Store) -> None:
    trends = await trends_after(
        store,
        night(cell("passed"), shards=[2], shard_count=2),
        night(cell("not run"), cell("not run", on="android"), shards=[1], shard_count=2),
    )

    assert {(one["casting"], one["outcomes"]) for one in trends["cells"]} == {("web", "p"), ("android", "n")}


async def test_a_cell_is_expected_to_take_what_it_took_where_nothing_spoiled_it(store: Store) -> None:
    for number, (outcomes, seconds) in enumerate((("p", 10.0), ("xf", 20.0), ("xx", 900.0), ("p", 12.0))):
        await store.keep(night(tries(*outcomes, seconds=seconds), tries("x", on="android"), id=f"{number}"))

    assert await store.durations() == {("journey", "web"): 12.0}


async def test_many_small_nights_of_another_name_make_nothing_forgotten(store: Store) -> None:
    await store.keep(night(tries("p", seconds=10.0), id="nightly"))
    for number in range(11):
        small = tries("p", seconds=30.0 + number, of="other")
        await store.keep(night(small, id=f"commit {number}", name="each commit"))

    assert await store.durations() == {("journey", "web"): 10.0, ("other", "web"): 35.5}


async def test_trends_are_those_of_one_night_and_branch_where_they_are_named(store: Store) -> None:
    for number, (name, branch) in enumerate((("nightly", "main"), ("nightly", "topic"), ("weekly", "main"))):
        await store.keep(night(cell(), id=f"{number}", name=name, branch=branch))

    async def ids(name: str = "", branch: str = "") -> list[str]:
        return [row["id"] for row in (await store.trends(name, branch=branch))["nights"]]

    assert await ids() == ["0", "1", "2"]
    assert await ids("nightly") == ["0", "1"]
    assert await ids("nightly", "main") == ["0"]
    assert await ids("monthly") == []


async def test_nights_are_in_the_order_in_which_they_were_kept_whatever_their_machines_clocks_say(
    store: Store,
) -> None:
    trends = await trends_after(
        store,
        night(cell(), id="first", started_at="2031-01-01T00:00:00.000Z"),
        night(cell("failed"), id="second", started_at="1970-01-01T00:00:00.000Z"),
    )

    assert [one["outcomes"] for one in trends["cells"]] == ["pf"]


async def test_of_a_cells_tries_the_infrastructures_are_told_apart(store: Store) -> None:
    (one,) = (await trends_after(store, night(tries("x", "p"), id="1"), night(tries("f"), id="2")))["cells"]

    assert (one["infrastructure"], one["played"], one["pass_rate"]) == (1, 2, 0.5)
    assert one["flake_score"] == 1.0


async def test_a_cell_that_was_not_run_has_no_pass_rate_of_it(store: Store) -> None:
    (one,) = (await trends_after(store, night(cell(), id="1"), night(cell("not run"), id="2")))["cells"]

    assert (one["outcomes"], one["played"], one["pass_rate"], one["since"]) == ("pn", 1, 1.0, None)


async def test_a_text_that_no_database_holds_costs_no_night(store: Store) -> None:
    (one,) = (await trends_after(store, night(cell(of="half a \ud83d, a \0"), error="\0")))["cells"]

    assert one["journey"] == "half a ?, a \ufffd"
