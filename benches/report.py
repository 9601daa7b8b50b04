"""What a run's page weighs and how quickly it is there: fifty journeys of three people.

One journey is played on the web and its entry is copied; each copy has pictures of its own, made darker or
lighter, as the page keeps equal ones once. `bench-results/report.json`: `journeys`, `page_bytes`,
`page_bytes_without_films`, `first_paint_ms` and `open_journey_ms` (medians), `scrub_frames_per_s`
(`screen_frames_per_s` is what the same browser does with an empty page), `write_s`, `films_s` (both for one
journey), `played_s` (the journey's own time), `writing_share` (of the two in it).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance
from playwright.async_api import Page, async_playwright

from benches._results import print_table, write_results
from flutter_bridge import Frame, Interval
from flutter_bridge.web import find_browser, launch_arguments
from journeys.propagation.film import MOST_PICTURES, draw_sheet
from journeys.report import PAGE, RunDocument, write_run_page

JOURNEY = "new_avatar_reaches_every_surface"
COUNT_FRAMES = """
async (move) => {
  const slider = document.querySelector(".moment input");
  let frames = 0, value = 0;
  const until = performance.now() + 2000;
  while (performance.now() < until) {
    if (move) {
      value = (value + 7) % 1000;
      slider.value = String(value);
      slider.dispatchEvent(new Event("input"));
    }
    await new Promise(requestAnimationFrame);
    frames += 1;
  }
  return frames / 2;
}
"""
FIRST_PAINT = """
() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(list.getEntriesByName("first-contentful-paint")[0].startTime))
    .observe({ type: "paint", buffered: true });
})
"""
OPEN = """
async (id) => {
  const journey = document.getElementById(id);
  journey.open = false;
  await new Promise(requestAnimationFrame);
  journey.querySelector(".body").replaceChildren();
  const began = performance.now();
  journey.open = true;
  await new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve)));
  return performance.now() - began;
}
"""


def play(results: Path) -> RunDocument:
    """Play the journey and return its run."""
    words = ("run", JOURNEY, "--target", "web", "--output", str(results))
    done = subprocess.run(  # noqa: S603 - our own command
        (sys.executable, "-m", "journeys", *words), check=False, capture_output=True, text=True
    )
    if not (results / "journeys.json").exists():
        raise SystemExit(f"nothing was played:\n{done.stdout}{done.stderr}")
    run: RunDocument = json.loads((results / "journeys.json").read_text())
    return run


def multiply(run: RunDocument, results: Path, count: int) -> RunDocument:
    """Return the run with so many copies of its journey, each with pictures of its own."""
    (entry,) = run["journeys"]
    folder = entry.get("evidence", "")
    copies: list[Any] = []
    for number in range(count):
        own = f"copy-{number}"
        shutil.copytree(results / folder, results / own)
        for picture in (*(results / own).glob("*.jpg"), *(results / own).glob("*.webp")):
            with Image.open(picture) as opened:
                changed = ImageEnhance.Brightness(opened.convert("RGB")).enhance(0.7 + number * 0.005)
            changed.save(picture, quality=80 if picture.suffix == ".jpg" else 55)
        copies.append(json.loads(json.dumps(entry).replace(folder, own)) | {"casting": own})
    return {**run, "journeys": copies}


def time_films(entry: Any, results: Path) -> float:
    """Return how long strips as long as they may be take to be drawn, for as many people as were watched."""
    frames = [
        Frame((results / surface[key]).read_bytes(), Interval(0, 0))
        for surface in entry["surfaces"]
        for key in ("last_old_frame", "first_new_frame")
        if surface[key]
    ]
    many = [Frame(frames[number % len(frames)].encoded, Interval(0, 0)) for number in range(MOST_PICTURES)]
    began = time.perf_counter()
    for _ in entry["films"]:
        draw_sheet([Frame(each.encoded, each.shown) for each in many]).save(
            results / "strip.webp", quality=55, method=2
        )
    return time.perf_counter() - began


async def look(page: Page, file: Path, repeat: int) -> dict[str, float]:
    """Return how quickly a page is painted, a journey opened, and the moment moved along it."""
    paints, opens = [], []
    for _ in range(repeat):
        await page.goto("about:blank")
        await page.goto(file.as_uri())
        paints.append(await page.evaluate(FIRST_PAINT))
        await page.locator("h1").wait_for()
        first = await page.locator("details.journey").first.get_attribute("id")
        opens.append(await page.evaluate(OPEN, first))
    await page.locator(".views button").first.click()
    scrubbed = await page.evaluate(COUNT_FRAMES, True)
    await page.goto("about:blank")
    return {
        "first_paint_ms": statistics.median(paints),
        "open_journey_ms": statistics.median(opens),
        "scrub_frames_per_s": scrubbed,
        "screen_frames_per_s": await page.evaluate(COUNT_FRAMES, False),
    }


async def bench(count: int, repeat: int) -> None:
    """Play, multiply, write, look, and write what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results")
        played = play(results)
        (entry,) = played["journeys"]
        began = time.perf_counter()
        write_run_page(results / PAGE, played, results=results)
        write_s = time.perf_counter() - began
        films_s = time_films(entry, results)
        run = multiply(played, results, count)
        page = results / PAGE
        write_run_page(page, run, results=results)
        bare: Any = {**run, "journeys": [{**each, "films": []} for each in run["journeys"]]}
        write_run_page(results / "report" / "bare.html", bare, results=results)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=str(find_browser(bundled=playwright.chromium.executable_path)),
                args=launch_arguments(),
            )
            seen = await look(await browser.new_page(viewport={"width": 1280, "height": 900}), page, repeat)
            await browser.close()
        figures = {
            "journeys": count,
            "page_bytes": page.stat().st_size,
            "page_bytes_without_films": (results / "report" / "bare.html").stat().st_size,
            **seen,
            "write_s": write_s,
            "films_s": films_s,
            "played_s": entry["duration_s"],
            "writing_share": (write_s + films_s) / entry["duration_s"],
        }
    print_table(["figure", "value"], [[name, f"{value:,.4g}"] for name, value in figures.items()])
    write_results("report", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--journeys", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=7, help="how often the page is opened")
    arguments = parser.parse_args()
    asyncio.run(bench(arguments.journeys, arguments.repeat))
