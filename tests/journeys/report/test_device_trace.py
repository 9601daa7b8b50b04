"""Traces of apps on devices: what is in one, and what Playwright's own viewer makes of it."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Browser, Page, expect

from flutter_bridge import Interval, now
from journeys import Event, Status, Verdict
from journeys.redaction import know_within
from journeys.report import rfc3339, write_device_traces
from journeys.report.record import wall_time
from journeys.timeline import (
    Acted,
    ActorJoined,
    Committed,
    Filmed,
    JourneyEnded,
    JourneyStarted,
    StepEnded,
    StepStarted,
)
from tests.journeys.report.events_made import verdict

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (30, 60, 200)
TOO_LATE = "alice's header showed the new picture too late"


def picture(file: Path, colour: tuple[int, int, int], size: tuple[int, int] = (400, 800)) -> Path:
    Image.new("RGB", size, colour).save(file)
    return file


def late_journey(folder: Path, *more: Event, error: str = TOO_LATE) -> list[Event]:
    """Return a journey in which Alice's header turned from red to green, too late."""
    folder.mkdir(exist_ok=True)
    began = now() - 60

    def at(seconds: float) -> Interval:
        return Interval(began + seconds, began + seconds + 0.01)

    sheet = Image.new("RGB", (300, 300), RED)
    sheet.paste(BLUE, (150, 0, 300, 300))
    sheet.save(folder / "film-01-alice.webp", lossless=True)
    picture(folder / "alice-screen.png", GREEN)
    stamp = rfc3339(wall_time(began + 1.8))
    (folder / "alice-console.log").write_text(
        f"{stamp} error   it broke\n2026-13-32T00:00:00Z log  no moment\n"
    )
    return [
        JourneyStarted(id="looks", name="Alice looks", priority="P0", targets=("pixel", "web"), at=began),
        ActorJoined(actor="alice", target="pixel", at=began + 0.1),
        ActorJoined(actor="bob", target="web", at=began + 0.2),
        StepStarted(title="alice uploads a picture", depth=0, at=began + 1),
        StepStarted(title="alice opens her profile", depth=1, at=began + 1.1),
        Acted(actor="alice", action="taps {profile}", received=at(1.2)),
        StepEnded(title="alice opens her profile", depth=1, duration_s=0.2, at=began + 1.3),
        StepEnded(title="alice uploads a picture", depth=0, duration_s=0.5, at=began + 1.5),
        Committed(change="picture", committed=Interval(began + 1.6, math.inf), source="stamp"),
        verdict(
            Verdict.FAILED,
            target="pixel",
            reason="showed the new picture too late",
            last_old_frame=picture(folder / "01-header-alice-last-old.jpg", RED),
            first_new_frame=picture(folder / "01-header-alice-first-new.jpg", GREEN),
            shown={"last_old": at(2.0), "first_new": at(3.0)},
            at=began + 4,
        ),
        Filmed(
            actor="alice",
            sheet=folder / "film-01-alice.webp",
            texts=folder / "film.json",
            width=150,
            height=300,
            shown=(at(1.4), at(2.5)),
        ),
        *more,
        JourneyEnded(id="looks", status=Status.FAILED, duration_s=5, error=error, at=began + 5),
    ]


def read(file: Path) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return the events of a trace and what lies beside them."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        lines = [json.loads(line) for line in archive.read("trace.trace").splitlines()]
        assert archive.read("trace.network") == b""
        return lines, {name: archive.read(name) for name in archive.namelist() if "/" in name}


def of(kind: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def colour_of(encoded: bytes) -> tuple[int, ...]:
    with Image.open(BytesIO(encoded)) as opened:
        pixel = opened.convert("RGB").getpixel((20, 20))
    assert isinstance(pixel, tuple)
    return pixel


def is_near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


def test_only_who_is_on_a_device_gets_a_trace(tmp_path: Path) -> None:
    written = write_device_traces(tmp_path, late_journey(tmp_path), targets={"pixel"})
    assert written == [tmp_path / "trace-alice.zip"]
    assert [each.name for each in tmp_path.glob("*.zip*")] == ["trace-alice.zip"]


def test_steps_are_inside_of_each_other_and_actions_inside_of_steps(tmp_path: Path) -> None:
    (file,) = write_device_traces(tmp_path, late_journey(tmp_path), targets={"pixel"})
    lines, _ = read(file)
    before = {line["title"]: line for line in of("before", lines)}
    outer, inner, tap = (
        before[title]
        for title in ("alice uploads a picture", "alice opens her profile", "alice: taps {profile}")
    )
    assert "parentId" not in outer
    assert inner["parentId"] == outer["callId"]
    assert tap["parentId"] == inner["callId"]
    took = {line["callId"]: line["endTime"] for line in of("after", lines)}
    assert took[outer["callId"]] - outer["startTime"] == pytest.approx(500)
    assert inner["startTime"] - outer["startTime"] == pytest.approx(100)


def test_what_failed_has_its_error_and_its_two_frames(tmp_path: Path) -> None:
    (file,) = write_device_traces(tmp_path, late_journey(tmp_path), targets={"pixel"})
    lines, resources = read(file)
    (failed,) = [line for line in of("after", lines) if "error" in line]
    assert failed["error"]["message"] == TOO_LATE
    shots = {
        shot["phase"]: resources[shot["file"]]
        for shot in of("screenshot", lines)
        if shot["callId"] == failed["callId"]
    }
    assert shots["before"] == (tmp_path / "01-header-alice-last-old.jpg").read_bytes()
    assert shots["after"] == (tmp_path / "01-header-alice-first-new.jpg").read_bytes()
    assert [each["name"] for each in failed["attachments"]] == [
        "01-header-alice-last-old.jpg",
        "01-header-alice-first-new.jpg",
    ]


def test_an_error_that_no_step_has_is_the_journeys_own(tmp_path: Path) -> None:
    events = [each for each in late_journey(tmp_path, error="no such button") if not hasattr(each, "verdict")]
    (file,) = write_device_traces(tmp_path, events, targets={"pixel"})
    lines, _ = read(file)
    (failed,) = [line for line in of("after", lines) if "error" in line]
    assert failed["error"]["message"] == "no such button"
    assert failed["callId"] == of("before", lines)[-1]["callId"]


def test_the_strip_is_in_order_and_has_small_pictures_between_the_whole_ones(tmp_path: Path) -> None:
    (file,) = write_device_traces(tmp_path, late_journey(tmp_path), targets={"pixel"})
    lines, resources = read(file)
    frames = of("screencast-frame", lines)
    (options,) = of("context-options", lines)
    after = [round(frame["timestamp"] - options["monotonicTime"]) for frame in frames]
    assert after == [1410, 2010, 2510, 3010, 5000]
    colours = [colour_of(resources[f"resources/{frame['sha1']}"]) for frame in frames]
    assert [is_near(*pair) for pair in zip(colours, (RED, RED, BLUE, GREEN, GREEN), strict=True)] == [
        True
    ] * 5
    assert [(frame["width"], frame["height"]) for frame in frames[:2]] == [(150, 300), (400, 800)]


def test_lines_of_the_log_are_on_the_same_clock(tmp_path: Path) -> None:
    (file,) = write_device_traces(tmp_path, late_journey(tmp_path), targets={"pixel"})
    lines, _ = read(file)
    (line,) = of("console", lines)
    (options,) = of("context-options", lines)
    assert (line["text"], line["messageType"]) == ("it broke", "error")
    assert line["time"] - options["monotonicTime"] == pytest.approx(1800, abs=20)


def test_secrets_stay_out(tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    events = late_journey(tmp_path, Acted(actor="alice", action=f"enters {secret}", received=Interval(0, 1)))
    (tmp_path / "alice-logcat.log").write_text(f"signed in with {secret}\n")
    with know_within([secret]):
        (file,) = write_device_traces(tmp_path, events, targets={"pixel"})
    with zipfile.ZipFile(file) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"signed in with" in whole
    assert secret.encode() not in whole


def test_names_lead_nowhere_else_and_two_people_have_two_files(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    joined: list[Event] = [ActorJoined(actor=name, target="pixel") for name in ("../../x", "../x", "..")]
    written = write_device_traces(folder, joined)
    assert [each.name for each in written] == ["trace-x.zip", "trace-x-2.zip", "trace-someone.zip"]
    assert {each.parent for each in tmp_path.rglob("*.zip")} == {folder}


def test_pictures_beyond_what_a_trace_may_have_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = late_journey(tmp_path)
    whole = [tmp_path / f"01-header-alice-{name}.jpg" for name in ("last-old", "first-new")]
    most = sum(file.stat().st_size for file in whole)
    monkeypatch.setattr("journeys.report.device_trace.MOST_PICTURE_BYTES", most)
    (file,) = write_device_traces(tmp_path, events, targets={"pixel"})
    lines, resources = read(file)
    assert len(of("screencast-frame", lines)) == 2
    assert sum(len(each) for name, each in resources.items() if not name.endswith(".txt")) <= most


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff", None], ids=["empty", "cut short", "gone"])
def test_a_damaged_frame_is_left_out(tmp_path: Path, content: bytes | None) -> None:
    events = late_journey(tmp_path)
    for file in (*tmp_path.glob("*.jpg"), *tmp_path.glob("*.webp"), *tmp_path.glob("*.png")):
        file.unlink() if content is None else file.write_bytes(content)
    (file,) = write_device_traces(tmp_path, events, targets={"pixel"})
    lines, _ = read(file)
    assert of("screencast-frame", lines) == []
    assert TOO_LATE in [line["error"]["message"] for line in of("after", lines) if "error" in line]


@asynccontextmanager
async def viewer(browser: Browser, trace: Path) -> AsyncIterator[Page]:
    """Open a trace in the viewer that the installed Playwright brings, as the page's command does."""
    # Not by `python -m playwright`, which would leave Node behind when it is ended.
    process = await asyncio.create_subprocess_exec(
        *(*compute_driver_executable(), "show-trace", "--host", "127.0.0.1", "--port", "0", str(trace)),
        # Its own tests' variable: no window is opened.
        env={**os.environ, "PWTEST_UNDER_TEST": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        printed = b""
        async with asyncio.timeout(60):
            while (found := re.search(rb"Listening on (http://\S+)", printed)) is None:
                line = await process.stdout.readline()
                assert line, f"the viewer ended: {printed.decode()}"
                printed += line
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        try:
            await page.goto(found[1].decode())
            yield page
        finally:
            await page.close()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_playwrights_viewer_shows_steps_frames_and_what_failed(
    browser: Browser, tmp_path: Path
) -> None:
    (file,) = write_device_traces(tmp_path, late_journey(tmp_path), targets={"pixel"})
    async with viewer(browser, file) as page:
        rows = page.get_by_test_id("actions-tree").get_by_role("treeitem")
        await expect(rows.filter(has_text="alice uploads a picture")).to_be_visible()
        await expect(rows.filter(has_text="the backend commits: picture")).to_be_visible()
        late = rows.filter(has_text="alice's header within 1 s: failed")
        await expect(late.locator(".tree-view-entry.error")).to_be_visible()
        await expect(rows.locator(".tree-view-entry.error")).to_have_count(1)

        await rows.filter(has_text="alice uploads a picture").click()
        await page.keyboard.press("ArrowRight")
        await expect(rows.filter(has_text="alice opens her profile").last).to_have_text(
            re.compile("^alice opens")
        )

        pictures = page.locator(".film-strip-frame")
        await expect(pictures.first).to_be_visible()
        address = await pictures.last.evaluate("it => getComputedStyle(it).backgroundImage.slice(5, -2)")
        size = await page.evaluate(
            """async address => { const it = new Image(); it.src = address; await it.decode();
            return [it.naturalWidth, it.naturalHeight]; }""",
            address,
        )
        assert size == [400, 800]

        await late.click()
        await page.get_by_role("tab", name="Errors").click()
        await expect(page.get_by_text(TOO_LATE).first).to_be_visible()
        await page.get_by_role("tab", name="Console").click()
        await expect(page.get_by_text("it broke")).to_be_visible()
