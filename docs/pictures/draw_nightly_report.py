"""Makes the picture of the nightly report: the page of a made-up night, as a browser shows it.

    .venv/bin/python -m docs.pictures.draw_nightly_report [test-results]

With the results of `./run web`, their frames stand in for those of the night; else frames are drawn.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

from flutter_bridge.web import launch_options
from journeys.nightly.record import NightRecord
from journeys.nightly.report import write_report
from tests.journeys.nightly.sample_frames import draw_frames
from tests.journeys.nightly.sample_nights import cell, night, surface
from tests.journeys.nightly.sample_trends import trends

FILE = Path(__file__).resolve().parent / "nightly-report.svg"
WIDTH, HEIGHT = 1100, 960
AVATAR, FIRST, NAME = (
    "new_avatar_reaches_every_surface",
    "first_picture_replaces_the_default",
    "new_name_reaches_every_surface",
)


def made_up_night() -> NightRecord:
    """Return a night in which the feed went back on two phones, and a phone was not there."""
    stale = "bob's feed showed the new picture and went back to the old one"
    failed = [
        cell("failed", of=of, on=on, error=stale, surfaces=[surface("failed", "reverted", target=on)])
        for of in (AVATAR, FIRST)
        for on in ("pixel-9", "galaxy-s25")
    ]
    late = surface("failed", None, on="header", actor="alice", target="tablet")
    failed += [
        cell("failed", of=NAME, on="tablet", surfaces=[late]),
        cell("error", of=NAME, on="iphone-17", error="iphone-17 is not connected: look at its cable"),
    ]
    passed = [cell(of=of, on=on) for of in (AVATAR, FIRST, NAME) for on in ("web", "mixed")]
    return night(*failed, *passed)


def put_frames(results: Path, record: NightRecord, folder: Path) -> None:
    """Put frames of a run in the place of those of a night: of the same surface, where there are some."""
    frames: dict[tuple[str, str], str | None] = {}
    for journey in json.loads((results / "journeys.json").read_text(encoding="utf-8"))["journeys"]:
        for seen in journey["surfaces"] if journey["id"] == AVATAR else ():
            for side in ("last_old_frame", "first_new_frame"):
                frames.setdefault((seen["surface"], side), seen[side])
    for each in record["cells"]:
        attempt = each["attempts"][-1]
        for seen in attempt["record"]["surfaces"] if attempt["record"] else ():
            for side in ("last_old_frame", "first_new_frame"):
                name, frame = seen[side], frames.get((seen["surface"], side))  # type: ignore[literal-required]  # one of two
                if name and frame:
                    shutil.copyfile(results / frame, folder / attempt["results"] / name)


async def draw(results: Path | None) -> None:
    """Write the picture: an SVG that holds what the browser showed."""
    record = made_up_night()
    past = {
        (each["journey"], each["casting"]): "pppp"
        + {"passed": "pp", "error": "pe"}.get(each["status"], "ff" if each["casting"] == "pixel-9" else "pf")
        for each in record["cells"]
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_frames(folder, record)
        if results is not None:
            put_frames(results, record, folder)
        page_file = write_report(record, trends(record, past), folder)
        async with async_playwright() as playwright:
            options = launch_options(bundled=playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
            page = await browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5, color_scheme="light"
            )
            await page.goto(page_file.as_uri())
            await page.evaluate("Promise.all([...document.images].map((each) => each.decode()))")
            shot = await page.screenshot()
            await browser.close()
    kept = io.BytesIO()
    with Image.open(io.BytesIO(shot)) as picture:
        picture.convert("RGB").save(kept, "WEBP", quality=70, method=6)
    inline = base64.b64encode(kept.getvalue()).decode()
    FILE.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        "<title>The nightly report: what broke, since when, where, with the deciding frames</title>\n"
        f'<image width="{WIDTH}" height="{HEIGHT}" href="data:image/webp;base64,{inline}"/>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#8a9a9a" stroke-width="2"/>\n'
        "</svg>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]) if sys.argv[1:] else None))
