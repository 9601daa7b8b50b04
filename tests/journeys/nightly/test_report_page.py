"""The report's page in a browser, from the disk: what is seen, linked, copied, found and refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, expect

from journeys.nightly.record import LogRecord, NightRecord
from journeys.nightly.report import write_report
from journeys.nightly.trends import PropagationTrend
from journeys.report import PAGE, RunDocument, write_run_page
from tests.journeys.nightly.eventful_night import some_night, some_trends
from tests.journeys.nightly.sample_frames import draw_frames
from tests.journeys.nightly.sample_nights import HOSTILE, cell, night, surface, target
from tests.journeys.nightly.sample_trends import trends

Open = Callable[..., Awaitable[Page]]

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """Give a function that writes a night's page beside its frames and logs, and returns its address."""

    def write(record: NightRecord, *, with_trends: bool = False) -> str:
        draw_frames(tmp_path, record)
        (tmp_path / "logs").mkdir()
        for name in ("trace.zip", "appium.log"):
            (tmp_path / "logs" / name).write_text("what was logged")
        page = write_report(record, some_trends(record) if with_trends else None, tmp_path)
        return page.as_uri()

    return write


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Leave the window's size to each test."""
    return {name: value for name, value in browser_context_args.items() if name != "viewport"}


@pytest.fixture
def open_page(
    new_context: Callable[..., Awaitable[BrowserContext]], tmp_path: Path
) -> Iterator[Callable[..., Awaitable[Page]]]:
    """Give a function that opens a page; complaints and whatever it loads from elsewhere fail the test."""
    wrong: list[str] = []

    async def opened(address: str, **context: Any) -> Page:
        page = await (await new_context(**{"viewport": DESKTOP, **context})).new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda each: None if each.url.startswith(tmp_path.as_uri()) else wrong.append(each.url),
        )
        await page.goto(address)
        return page

    yield opened
    assert wrong == []


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it is now."""
    assert AXE.exists(), "axe-core isn't installed: npm ci brings it"
    await page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
    # On the disk no page may read its own style again, which is what axe-core would preload.
    found: list[dict[str, Any]] = await page.evaluate(
        "async () => (await axe.run({ preload: false })).violations"
    )
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


async def unfolded(page: Page) -> None:
    """Open all that is folded, and have the list of cells drawn."""
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    await page.locator("#list").scroll_into_view_if_needed()
    await expect(page.locator("#rows tr").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_it_has_no_violation_and_fits_its_window(
    written: Callable[..., str], open_page: Open, theme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    page = await open_page(written(some_night(), with_trends=True), color_scheme=theme, viewport=size)
    await unfolded(page)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_it_tells_what_broke_where_and_since_when(written: Callable[..., str], open_page: Open) -> None:
    page = await open_page(written(some_night(), with_trends=True))
    await expect(page.get_by_role("heading", level=1)).to_have_text("4 things broke, in 6 of 11 cells")
    first = page.get_by_role("article").first
    await expect(first.get_by_role("heading")).to_have_text("The feed never showed the change")
    await expect(first.locator(".facts")).to_contain_text("new tonight")
    await expect(first.locator(".targets li")).to_have_text(["pixel", "web"])
    sections = page.get_by_role("heading", level=2)
    await expect(sections.filter(has_text="cause")).to_have_text(
        [
            "What broke 4 causes, 6 cells",
            "Inconclusive 1 cause, 1 cell",
            "Not run 1 cause, 1 cell",
            "In quarantine 1 cause, 1 cell",
        ]
    )
    (expired,) = some_night()["expired"]
    await expect(page.locator(".alerts li")).to_have_text(
        [
            "Not the whole night: shard 2 of 2 can't be found",
            "s25 could not be used: no credentials",
            f"Quarantine expired: {expired}",
        ]
    )
    await expect(page.get_by_text("ada answers for it: the feed scrolls by itself")).to_be_visible()
    await expect(sections.filter(has_text="Tried again, and passed then")).to_have_count(1)


async def test_the_deciding_frames_are_shown_and_those_that_are_missing_said(
    written: Callable[..., str], open_page: Open, tmp_path: Path
) -> None:
    written(some_night())
    (tmp_path / "results/names-web-1/header-first-new.png").unlink()
    page = await open_page(write_report(some_night(), None, tmp_path).as_uri())
    strips = page.get_by_role("article").filter(has_text="The feed never showed").locator(".film figure")
    await expect(strips).to_have_count(2)
    for picture in await strips.get_by_role("img").all():
        await picture.scroll_into_view_if_needed()
        await picture.evaluate("image => image.decode()")
    await expect(strips.first).to_contain_text("no frame with it came")
    await expect(strips.first).to_contain_text("feed, seen by bob on web never seen to stay, budget 1000 ms")
    reverted = page.get_by_role("article").filter(has_text="went back to the old look")
    await expect(reverted).to_contain_text("results/names-web-1/header-first-new.png is missing")
    screens = page.get_by_role("article").filter(has_text="Screen profile: moved")
    await expect(screens.get_by_role("img")).to_have_count(6)


async def test_what_failed_otherwise_is_shown_as_it_was_in_that_moment(
    written: Callable[..., str], open_page: Open, tmp_path: Path
) -> None:
    failed = cell("failed", error="nobody is there")
    failed["attempts"][-1]["evidence"] = "of it"
    own = tmp_path / failed["attempts"][-1]["results"] / "of it"
    own.mkdir(parents=True)
    Image.new("RGB", (40, 80), "#2b5d5a").save(own / "test-failed-1.png")
    page = await open_page(written(night(failed)))
    await page.get_by_role("img", name="on web").evaluate("image => image.decode()")
    files = page.get_by_role("link", name="all files")
    assert (await files.get_attribute("href") or "").endswith("-1/of%20it")


async def test_logs_are_one_click_away(written: Callable[..., str], open_page: Open) -> None:
    page = await open_page(written(some_night()))
    await page.get_by_text("The 2 cells: what was said").first.click()
    of_cell = page.locator(".cell").filter(has_text="on web").first
    await expect(of_cell.get_by_role("link", name="trace")).to_have_attribute("href", "logs/trace.zip")
    await expect(of_cell).to_contain_text("video: logs/video.webm is missing")
    await page.get_by_role("link", name="appium: logs/appium.log").click()
    await expect(page.get_by_text("what was logged")).to_be_visible()


async def test_each_try_leads_to_itself_on_the_page_of_its_run(
    written: Callable[..., str], open_page: Open, tmp_path: Path
) -> None:
    late = cell("failed", surfaces=[surface()], failed_tries=["the device went away"])
    record = late["attempts"][-1]["record"]
    assert record is not None
    record["id"], record["casting"], record["name"] = late["journey"], late["casting"], "It is late"
    results = tmp_path / late["attempts"][-1]["results"]
    run = RunDocument(
        schema=1,
        started_at="2026-11-21T02:00:00.000Z",
        finished_at="2026-11-21T02:01:00.000Z",
        duration_s=60.0,
        addresses={},
        apps={},
        machine={"system": "Linux", "python": "3.11", "cpus": 2},
        status="failed",
        error="",
        journeys=[{**record, "casting": "pixel", "name": "Another"}, record],
    )
    write_run_page(results / PAGE, run, results=results)
    page = await open_page(written(night(late)))
    # The first try has left no page, and so no way leads there.
    await page.get_by_role("link", name="the run's page").click()
    await expect(page.locator("details.journey[open] .name")).to_have_text("It is late")


async def test_a_night_without_cells_says_so_and_counts_nothing(
    written: Callable[..., str], open_page: Open
) -> None:
    page = await open_page(written(night()))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was played")
    await expect(page.get_by_role("main")).to_have_text(
        "There was nothing to play: look at the targets and journeys the night names."
    )
    await expect(page.get_by_role("definition")).to_have_count(0)


@pytest.mark.parametrize(("file", "times"), [("trace.zip", 1), ("lost.zip", 0)])
async def test_how_to_see_a_trace_is_said_once_and_only_where_there_is_one(
    written: Callable[..., str], open_page: Open, file: str, times: int
) -> None:
    cells = [cell("failed", on=on, surfaces=[surface()]) for on in ("web", "pixel")]
    traces = [
        LogRecord(kind="trace", cell=f"{one['journey']}[{one['casting']}]", path=f"logs/{file}")
        for one in cells
    ]
    page = await open_page(written(night(*cells, logs=traces)))
    await page.get_by_text("The 2 cells: what was said").click()
    await expect(page.locator(".cell").get_by_role("link", name="trace")).to_have_count(2 * times)
    told = page.get_by_text("To see a trace: playwright show-trace, and the path of its file.")
    await expect(told).to_have_count(times)


async def test_a_command_is_copied(written: Callable[..., str], open_page: Open) -> None:
    page = await open_page(written(some_night()))
    await page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    await page.get_by_role("button", name="Copy: all of The feed never showed the change").click()
    assert await page.evaluate("window.copied") == (
        "journeys run new_avatar_reaches_every_surface --target web --target pixel"
    )
    await expect(page.locator("#announcement")).to_have_text("Copied")


async def test_what_may_not_be_copied_is_marked(written: Callable[..., str], open_page: Open) -> None:
    page = await open_page(written(some_night()))
    await page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no'));"
        " document.execCommand = () => false; }"
    )
    await page.get_by_role("button", name="Copy: all of The feed never showed the change").click()
    await expect(page.locator("#announcement")).to_have_text("The command is marked: copy it")
    assert (await page.evaluate("String(getSelection())")).startswith("journeys run new_avatar")


async def test_links_of_one_cell_are_told_apart(written: Callable[..., str], open_page: Open) -> None:
    one = cell("failed", surfaces=[surface()])
    traces = [
        LogRecord(kind="trace", cell=f"{one['journey']}[web]", path=f"logs/{name}")
        for name in ("trace.zip", "appium.log")
    ]
    page = await open_page(written(night(one, logs=traces)))
    links = page.locator(".cell").get_by_role("link")
    await expect(links).to_have_text(["trace 1", "trace 2", "all files"])


async def test_a_first_night_and_a_lonely_cell_are_told_as_such(tmp_path: Path, open_page: Open) -> None:
    surfaces = [surface(on="feed"), surface(on="header")]
    record = night(cell("failed", surfaces=surfaces))
    known = trends(record, {("new_avatar_reaches_every_surface", "web"): "f"})
    (one,) = some_trends(record)["propagation"]
    known["propagation"] = [
        PropagationTrend(**{**one, "surface": f"surface {n}", "nights": one["nights"][-1:]})
        for n in range(12)
    ]
    page = await open_page(write_report(record, known, tmp_path).as_uri())
    await expect(page.locator("#trends")).to_have_text("What this night took")
    await expect(page.get_by_text("over 1 night")).to_have_count(0)
    await expect(page.get_by_text("The nearest to their budgets; 2 more:")).to_be_visible()
    await expect(page.get_by_text("Also: The header never showed the change")).to_be_visible()


async def test_every_cell_is_found(written: Callable[..., str], open_page: Open) -> None:
    page = await open_page(written(some_night()))
    await unfolded(page)
    rows = page.locator("#rows tr")
    await expect(rows).to_have_count(9)
    await page.locator("#show").select_option("all")
    await expect(rows).to_have_count(11)
    await page.get_by_label("Find").fill("avatar PIXEL")
    await expect(rows).to_have_count(1)
    await expect(page.locator("#count")).to_have_text("1 of 1 cell")
    await expect(rows.first).to_contain_text("The feed never showed the change")
    await expect(rows.first.get_by_role("link")).to_have_attribute(
        "href", "results/new_avatar_reaches_every_surface-pixel-1"
    )
    await page.get_by_label("Find").fill("zzz")
    await expect(page.locator("#count")).to_have_text("No cell fits")
    await page.get_by_role("button", name="Clear").click()
    await expect(rows).to_have_count(9)


async def test_a_large_cause_shows_some_cells_and_leads_to_all(
    written: Callable[..., str], open_page: Open
) -> None:
    cells = [
        cell("failed", of=f"journey_{n}", on=name, surfaces=[surface()])
        for n in range(60)
        for name in ("web", "b")
    ]
    page = await open_page(written(night(*cells, cell(of="fine"))))
    await page.get_by_text("12 of the 120 cells").click()
    await page.get_by_role("link", name="All 120 cells").click()
    await expect(page.locator("#count")).to_have_text("100 of 120 cells of that cause")
    await page.get_by_role("button", name="Show more").click()
    await expect(page.locator("#rows tr")).to_have_count(120)


async def test_names_and_errors_are_text_whatever_they_say(
    written: Callable[..., str], open_page: Open
) -> None:
    hostile = cell(
        "failed", of=HOSTILE, on=HOSTILE, error=HOSTILE, surfaces=[surface("failed", HOSTILE, on="feed")]
    )
    record = night(
        hostile,
        cell("error", of="x" * 99, on="y" * 99, error=f"{HOSTILE}\n" * 9),
        name=HOSTILE,
        branch=HOSTILE,
        error=HOSTILE,
        expired=[HOSTILE],
        targets=[target(HOSTILE, error=HOSTILE, devices=[HOSTILE])],
        logs=[
            LogRecord(kind=HOSTILE, cell="", path="javascript:alert(1)"),
            LogRecord(kind="secret", cell="", path="../../../etc/passwd"),
            LogRecord(kind="secret", cell="", path="/etc/passwd"),
            LogRecord(kind="too long", cell="", path="a" * 5000),
        ],
    )
    for attempt in hostile["attempts"]:
        attempt["results"] = "results/hostile"
    page = await open_page(written(record), viewport=PHONE)
    await unfolded(page)
    assert await page.title() == f"{HOSTILE}: 2 things broke, in 2 of 2 cells"
    await expect(page.locator("#rows th").first).to_have_text(HOSTILE)
    # Links that leave the page's folder are none at all.
    assert await page.locator("#logs ~ p a").count() == 0
    await expect(page.get_by_text("secret: /etc/passwd lies outside of the night's folder")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await violations(page) == []


async def test_a_file_named_like_a_script_is_linked_as_a_file(
    written: Callable[..., str], open_page: Open, tmp_path: Path
) -> None:
    (tmp_path / "javascript:alert(1)").write_text("what was logged")
    (tmp_path / "a?b#c%20.log").write_text("what else was logged")
    (tmp_path / "elsewhere").symlink_to("/")
    named = ("javascript:alert(1)", "a?b#c%20.log", "elsewhere/etc/hostname")
    record = night(cell(), logs=[LogRecord(kind="log", cell="", path=path) for path in named])
    page = await open_page(written(record))
    for path, said in zip(named, ("what was logged", "what else was logged"), strict=False):
        await page.get_by_role("link", name=f"log: {path}").click()
        await expect(page.get_by_text(said)).to_be_visible()
        await page.go_back()
    await expect(page.get_by_text("elsewhere/etc/hostname leads out of the night's folder")).to_be_visible()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (night(cell(), cell(on="pixel")), "All 2 cells passed"),
        (night(), "Nothing was played"),
        (night(cell("failed", surfaces=[surface()])), "1 thing broke, in 1 of 1 cell"),
    ],
    ids=["fine", "empty", "all failed"],
)
async def test_one_kind_of_night_alone(
    written: Callable[..., str], open_page: Open, record: NightRecord, said: str
) -> None:
    page = await open_page(written(record))
    await expect(page.get_by_role("heading", level=1)).to_have_text(said)
    assert await violations(page) == []


async def test_without_scripts_it_says_the_same_but_for_the_list(
    written: Callable[..., str], open_page: Open
) -> None:
    page = await open_page(written(some_night()), java_script_enabled=False)
    await expect(page.get_by_role("article")).to_have_count(7)
    await expect(page.get_by_role("button")).to_have_count(0)
    await expect(page.get_by_text("The list needs JavaScript")).to_be_visible()


async def test_on_paper_nothing_is_folded(written: Callable[..., str], open_page: Open) -> None:
    page = await open_page(written(some_night()))
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert await page.locator("article details:not([open])").count() == 0
    await expect(page.get_by_role("button", name="Copy").first).to_be_hidden()
    await expect(page.locator("#list")).to_be_hidden()
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert await page.locator("article details[open]").count() == 0


async def test_evidence_may_lie_elsewhere(tmp_path: Path, open_page: Open) -> None:
    record = night(cell("failed", surfaces=[surface(fault="reverted")]))
    draw_frames(tmp_path / "results of tonight", record)
    page_file = write_report(record, None, tmp_path / "page", evidence=tmp_path / "results of tonight")
    page = await open_page(page_file.as_uri())
    for picture in await page.get_by_role("img", name="feed, seen by bob").all():
        await picture.scroll_into_view_if_needed()
        await picture.evaluate("image => image.decode()")
    await expect(page.get_by_role("img", name="feed, seen by bob")).to_have_count(2)
