"""Draws the README's pictures from the real thing: a run, its report, and the app as a browser shows it.

    .venv/bin/python docs/pictures/draw.py all
    .venv/bin/python docs/pictures/draw.py result [test-results/journeys.json]
    .venv/bin/python docs/pictures/draw.py mixed [test-results/journeys.json]
    .venv/bin/python docs/pictures/draw.py report [test-results]
    .venv/bin/python docs/pictures/draw.py app

`all` plays what the tables and the report show, first. All are SVG files: text, small, and made anew by this
script whenever the table, the report or the app looks different.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright
from rich.console import Console

from flutter_bridge.web import launch_options
from journeys.configuration import read_configuration
from journeys.report import PAGE, ConsoleReport
from journeys.run.servers import Servers

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WIDTH, HEIGHT = 412, 760
REPORT_WIDTH, REPORT_HEIGHT = 1000, 760


COMMANDS = {"result": "./run web", "mixed": "journeys run --cast alice=android,bob=web"}
"""What each picture of a table is a run of."""


def draw_result(name: str, file: Path) -> None:
    """Print a run's table as the console does, and keep it as a picture."""
    run = json.loads(file.read_text(encoding="utf-8"))
    console = Console(record=True, width=132, file=io.StringIO(), force_terminal=True, highlight=False)
    report = ConsoleReport(console=console)
    for record in run["journeys"]:
        report.print_journey(record)
    report.print_summary(
        run["journeys"], duration_s=run["duration_s"], results=["test-results/journeys.json"]
    )
    svg = console.export_svg(title=COMMANDS[name])
    # The picture must load nothing from anywhere: a reader's own fixed-width font does.
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg).replace("Fira Code", "ui-monospace")
    svg = re.sub(r"<!--.*?-->\s*", "", svg)
    (HERE / f"{name}.svg").write_text(re.sub(r"[ \t]+\n", "\n", svg), encoding="utf-8")


async def draw_report(results: Path) -> None:
    """Show a run's page with a journey opened: what people saw, in light, and when, in dark."""
    page_file = results / PAGE
    entries = json.loads((results / "journeys.json").read_text(encoding="utf-8"))["journeys"]
    measured = next(entry for entry in entries if entry["surfaces"] and entry["films"])
    shots: list[bytes] = []
    async with async_playwright() as playwright:
        options = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
        for scheme, part in (("light", ".surfaces"), ("dark", ".timeline")):
            page = await browser.new_page(
                viewport={"width": REPORT_WIDTH, "height": REPORT_HEIGHT},
                color_scheme="dark" if scheme == "dark" else "light",
                device_scale_factor=1.25,
            )
            await page.goto(page_file.resolve().as_uri())
            entry = page.locator(f'[id="{measured["id"]}@{measured["casting"]}"]')
            if await entry.get_attribute("open") is None:
                await entry.locator("summary").first.click()
            await entry.locator(".panels").wait_for()
            await page.evaluate("Promise.all([...document.images].map((each) => each.decode()))")
            # With its heading, and without what is above that.
            await entry.locator(part).evaluate(
                "(part) => scrollTo(0, scrollY + part.getBoundingClientRect().top - 60)"
            )
            shots.append(await page.screenshot())
        await browser.close()
    write_shots("report", "A run's report: what people saw, and when", shots, REPORT_WIDTH, REPORT_HEIGHT)


async def draw_app() -> None:
    """Show the feed and the profile screen of a sample person, in light and in dark."""
    configuration = read_configuration(ROOT)
    account = configuration.sample_accounts[0]
    with Servers(configuration, sample=True) as servers:
        async with async_playwright() as playwright:
            options = launch_options(bundled=playwright.chromium.executable_path)
            browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
            address = servers.addresses[configuration.app]
            shots = [
                shot
                for scheme in ("light", "dark")
                for shot in await _screens(browser, address, scheme, account.email, account.password)
            ]
            await browser.close()
    write_shots("app", "The reference app: feed and profile screen, in light and dark", shots, WIDTH, HEIGHT)


def write_shots(name: str, title: str, shots: Sequence[bytes], width: int, height: int) -> None:
    """Write screenshots side by side."""
    gap = 24
    total = len(shots) * width + (len(shots) + 1) * gap
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height + 2 * gap}" role="img">',
        f"<title>{title}</title>",
    ]
    for place, shot in enumerate(shots):
        left = gap + place * (width + gap)
        area = f'x="{left}" y="{gap}" width="{width}" height="{height}"'
        parts += [
            f'<clipPath id="c{place}"><rect {area} rx="28"/></clipPath>',
            f'<image {area} clip-path="url(#c{place})" href="{_inline(shot)}"/>',
            f'<rect {area} rx="28" fill="none" stroke="#8a9a9a" stroke-width="2"/>',
        ]
    (HERE / f"{name}.svg").write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def play(*words: str) -> Path:
    """Play journeys, and return the folder of their results."""
    results = ROOT / ".journeys" / "pictures"
    command = (sys.executable, "-m", "journeys", "run", *words, "--output", str(results))
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 - our own command
    return results


def draw_all() -> None:
    """Play, and draw all of it."""
    results = play("--target", "web")
    draw_result("result", results / "journeys.json")
    asyncio.run(draw_report(results))
    mixed = play("new_avatar_reaches_every_surface", "--cast", "alice=android,bob=web")
    draw_result("mixed", mixed / "journeys.json")
    asyncio.run(draw_app())


async def _screens(browser: Browser, address: str, scheme: str, email: str, password: str) -> list[bytes]:
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1.5,
    )
    page = await context.new_page()
    await page.goto(address)
    await page.locator("flt-semantics-placeholder").dispatch_event("click")
    await _at(page, "header-sign-in").click()
    for name, text in (("sign-in-email", email), ("sign-in-password", password)):
        entry = _at(page, name).locator("input")
        await entry.click()
        await entry.fill(text)
    await _at(page, "sign-in-submit").click()
    await _at(page, "header-avatar").wait_for()
    await _at(page, "feed").wait_for()
    shots = [await _settled(page)]
    await _at(page, "header-profile").click()
    await _at(page, "profile-change-picture").wait_for()
    shots.append(await _settled(page))
    await context.close()
    return shots


async def _settled(page: Page) -> bytes:
    """Take a screenshot once two in a row are the same: pictures loaded, animations over."""
    before = b""
    await page.mouse.move(1, HEIGHT - 1)  # off every button: a tooltip would stay in the picture
    for _ in range(20):
        shot = await page.screenshot()
        if shot == before:
            break
        before = shot
        for _ in range(30):
            await page.evaluate("new Promise(requestAnimationFrame)")
    return before


def _at(page: Page, identifier: str) -> Locator:
    return page.locator(f'[flt-semantics-identifier="{identifier}"]').first


def _inline(shot: bytes) -> str:
    kept = io.BytesIO()
    with Image.open(io.BytesIO(shot)) as picture:
        picture.convert("RGB").save(kept, "WEBP", quality=70, method=6)
    return "data:image/webp;base64," + base64.b64encode(kept.getvalue()).decode()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["result" | "mixed" as name, *rest]:
            draw_result(name, Path(rest[0]) if rest else ROOT / "test-results" / "journeys.json")
        case ["report", *rest]:
            asyncio.run(draw_report(Path(rest[0]) if rest else ROOT / "test-results"))
        case ["all"]:
            draw_all()
        case ["app"]:
            asyncio.run(draw_app())
        case _:
            raise SystemExit(__doc__)
