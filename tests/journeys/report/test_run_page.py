"""A run's page as people have it: opened from the disk in a real browser."""

from __future__ import annotations

import base64
import gzip
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from journeys import Status, Verdict
from journeys.cli import main
from journeys.redaction import know_within
from journeys.report import PAGE, write_run_page
from tests.journeys.report.run_made import GREEN, RED, Open, plain, run_of, watched_journey

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "<img src=x onerror=\"document.title='broken in'\"></script>"


async def colour_of(page: Page, selector: str) -> tuple[int, ...]:
    """Return the colour in the middle of what is drawn there."""
    shot = await page.locator(selector).first.screenshot()
    picture = Image.open(BytesIO(shot)).convert("RGB")
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def is_near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


async def test_what_did_not_pass_comes_first_and_is_open(open_run: Open) -> None:
    page = await open_run(plain("goes"), plain("breaks", Status.ERROR, error="no answer"), plain("rests"))
    await expect(page.locator("h1")).to_have_text("1 error of 3 journeys")
    await expect(page.locator("details.journey .name")).to_have_text(
        ["Somebody breaks", "Somebody goes", "Somebody rests"]
    )
    await expect(page.locator("details.journey[open] .name")).to_have_text("Somebody breaks")
    await expect(page.locator("details.journey[open] .errors")).to_have_text("no answer")


async def test_journeys_are_found_by_words_and_by_how_they_ended(open_run: Open) -> None:
    page = await open_run(plain("goes"), plain("breaks", Status.FAILED, error="the feed"), plain("rests"))
    shown = page.locator("details.journey:visible .name")
    await page.keyboard.press("/")
    await page.keyboard.type("feed")
    await expect(shown).to_have_text(["Somebody breaks"])
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="passed").click()
    await expect(shown).to_have_text(["Somebody goes", "Somebody rests"])
    await page.locator("input[type=search]").fill("nothing like it")
    await expect(page.get_by_role("status")).to_have_text("No journey is like that.")


async def test_an_address_leads_to_one_journey(open_run: Open) -> None:
    page = await open_run(plain("goes"), plain("rests"), at="#rests%40")
    await expect(page.locator("details.journey[open] .name")).to_have_text("Somebody rests")


async def test_each_run_of_a_repeated_journey_has_an_address(open_run: Open) -> None:
    page = await open_run(plain("rests"), plain("rests", error="late"), at="#rests%40~2")
    await expect(page.locator("details.journey[open]")).to_have_count(1)
    await expect(page.locator("details.journey[open] .errors")).to_have_text("late")


async def test_that_a_journey_was_played_again_is_in_its_line_and_why_is_open(open_run: Open) -> None:
    why = "played again, as the machine was too busy: bob's feed was late"
    page = await open_run({**plain("rests"), "attempt": 2, "reopened": [why]}, at="#rests%40")
    await expect(page.locator("details.journey > summary")).to_contain_text("attempt 2")
    await expect(page.get_by_text(why)).to_be_visible()


async def test_the_deciding_frames_are_shown_with_the_surface_in_its_box(
    open_run: Open, tmp_path: Path
) -> None:
    page = await open_run(watched_journey(tmp_path / "looks", status=Status.FAILED, verdict=Verdict.FAILED))
    assert is_near(await colour_of(page, ".look:nth-child(1) .box"), RED)
    assert is_near(await colour_of(page, ".look:nth-child(2) .box"), GREEN)
    whole = page.locator(".look a").first
    assert (await whole.get_attribute("href")) == "../looks/old.png"


async def test_the_moment_moves_what_is_seen_and_what_can_be_read(open_run: Open, tmp_path: Path) -> None:
    page = await open_run(watched_journey(tmp_path / "looks", status=Status.FAILED))
    words, slider = page.locator(".words"), page.get_by_role("slider", name="moment in the journey")
    await expect(words).to_have_text("text 'New'")
    assert is_near(await colour_of(page, ".screen .frame"), GREEN)
    await slider.fill("0")
    await expect(words).to_have_text("text 'Old'")
    assert is_near(await colour_of(page, ".screen .frame"), RED)
    await page.get_by_role("button", name="alice at 2.01 s").click()
    await expect(page.locator(".now")).to_have_text("2.01 s")
    await expect(words).to_have_text("text 'New'")


async def test_what_the_app_wrote_as_an_error_stands_beside_why_it_failed(
    open_run: Open, tmp_path: Path
) -> None:
    made = watched_journey(tmp_path / "looks", status=Status.FAILED, error="never showed it")
    lines = [
        f"{made['started_at']} {level}   {text}" for level, text in (("info", "fine"), ("error", "null!"))
    ]
    (tmp_path / "looks" / "alice-console.log").write_text("\n".join(lines))
    page = await open_run(made)
    await expect(page.locator(".logged li")).to_have_text(["0.00 s alice-console: null!"])


async def test_why_a_surface_did_not_pass_is_said_once(open_run: Open, tmp_path: Path) -> None:
    made = watched_journey(tmp_path / "looks", status=Status.FAILED, verdict=Verdict.FAILED)
    (surface,) = made["surfaces"]
    surface["reason"] = "showed it 82–99 ms after the commit, budget 10 ms; 90 ms went by between two looks"
    surface["budget_s"] = 0.01
    made["error"] = f"alice's header {surface['reason']}\nand the lamp is out"
    page = await open_run(made)
    await expect(page.locator(".errors li")).to_have_text(["and the lamp is out"])
    await expect(page.locator(".surface p").first).to_have_text(
        "alice's header showed the change 82–99 ms after the commit, and 10 ms were allowed; "
        "90 ms went by between two looks."
    )


async def test_lanes_have_all_people_the_backend_and_logs_on_one_clock(
    open_run: Open, tmp_path: Path
) -> None:
    made = watched_journey(tmp_path / "looks", status=Status.FAILED)
    began = made["started_at"]
    (tmp_path / "looks" / "bob-console.log").write_text(f"{began} error   it broke\nno moment\n")
    page = await open_run(made)
    await page.get_by_role("button", name="the whole journey").click()
    await expect(page.locator(".lane-name")).to_have_text(
        ["steps", "alice · web", "bob · pixel", "backend", "logs", ""]
    )
    commit, act, seen = (page.locator(f".mark.{kind}").first for kind in ("committed", "acted", "shown"))
    lefts = [(await one.bounding_box() or {"x": 0})["x"] for one in (act, commit, seen)]
    assert lefts == sorted(lefts)
    await page.get_by_role("button", name="bob-console: it broke").click()
    await expect(page.locator(".happened")).to_contain_text("bob-console: error it broke")
    await expect(page.get_by_role("link", name="bob-console.log")).to_have_attribute(
        "href", "../looks/bob-console.log"
    )


async def test_a_trace_is_linked_with_the_command_that_opens_it(open_run: Open, tmp_path: Path) -> None:
    made = watched_journey(tmp_path / "looks", status=Status.FAILED)
    (tmp_path / "looks" / "trace-alice.zip").touch()
    page = await open_run(made)
    await expect(page.get_by_role("link", name="trace-alice.zip")).to_have_attribute(
        "href", "../looks/trace-alice.zip"
    )
    command = f"playwright show-trace {tmp_path.name}/looks/trace-alice.zip"
    await expect(page.locator("details.journey[open]")).to_contain_text(command)


async def test_what_people_have_written_stays_text(open_run: Open, tmp_path: Path) -> None:
    made = watched_journey(
        tmp_path / "looks", name=HOSTILE, identifier=HOSTILE, error=HOSTILE, status=Status.FAILED
    )
    (tmp_path / "looks" / "film.json").write_text(json.dumps([{"after_first_s": -9, "text": HOSTILE}]))
    page = await open_run(made)
    await expect(page.locator("details.journey .name")).to_have_text(HOSTILE)
    await expect(page.locator(".errors")).to_have_text(HOSTILE)
    await expect(page.locator(".words")).to_have_text(HOSTILE)
    assert "broken in" not in await page.title()


def test_nothing_outside_of_the_results_comes_into_the_page(tmp_path: Path) -> None:
    (tmp_path / "secret.log").write_text("2026-01-31T12:00:00.000Z info    confidential\n")
    results = tmp_path / "results"
    results.mkdir()
    made = watched_journey(results / "looks")
    made["evidence"] = "../"
    made["surfaces"][0]["last_old_frame"] = "../secret.log"
    write_run_page(results / PAGE, run_of(made), results=results)
    page = json.dumps(read_data(results / PAGE))
    assert "confidential" not in page
    assert "secret.log" not in json.dumps(
        [each["looks"] for each in json.loads(page)["journeys"][0]["surfaces"]]
    )


def test_secrets_in_what_lies_beside_the_page_do_not_get_into_it(tmp_path: Path) -> None:
    made = watched_journey(tmp_path / "looks")
    (tmp_path / "looks" / "bob-console.log").write_text(f"{made['started_at']} info    token opensesame42\n")
    (tmp_path / "looks" / "film.json").write_text('[{"after_first_s": 0, "text": "opensesame42"}]')
    with know_within(["opensesame42"]):
        write_run_page(tmp_path / PAGE, run_of(made), results=tmp_path)
    data = json.dumps(read_data(tmp_path / PAGE))
    assert "token" in data
    assert "opensesame42" not in data


def read_data(page: Path) -> Any:
    packed = re.search(r'id="run">([^<]*)<', page.read_text())
    assert packed is not None
    return json.loads(gzip.decompress(base64.b64decode(packed[1])))


async def test_a_run_without_journeys_says_so(open_run: Open) -> None:
    page = await open_run(error="no server is called 'backend'")
    await expect(page.locator("h1")).to_have_text("No journey was played")
    await expect(page.locator("header .errors")).to_contain_text("no server is called 'backend'")
    # And nothing of a search, for there is nothing to search in.
    await expect(page.locator("main p:visible")).to_have_text(
        ["The run ended before any journey did: set that right, and run it again."]
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    open_run: Open, tmp_path: Path, theme: str, width: int
) -> None:
    page = await open_run(
        watched_journey(tmp_path / "looks", status=Status.FAILED, verdict=Verdict.FAILED, error="too late"),
        plain("goes"),
        color_scheme=theme,
        viewport={"width": width, "height": 900},
    )
    assert AXE.exists(), "axe-core isn't installed: npm ci brings it"
    await page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
    found = await page.evaluate("async () => (await axe.run({ preload: false })).violations")
    assert [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_command_writes_the_page_of_any_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = run_of(watched_journey(tmp_path / "looks"))
    (tmp_path / "journeys.json").write_text(json.dumps(document))
    assert main(["report", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / PAGE)
    assert read_data(tmp_path / PAGE)["journeys"][0]["headline"].startswith("1 surface in time")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "is not there: run journeys first"),
        ("{", "is not what a run writes"),
        ('{"schema": 1}', "is not what a run writes"),
        (json.dumps({**run_of(), "schema": 9}), "is of schema 9, and this version reads 1"),
    ],
)
def test_what_is_no_run_is_refused_in_one_line(
    tmp_path: Path, content: str | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "journeys.json").write_text(content)
    assert main(["report", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1
