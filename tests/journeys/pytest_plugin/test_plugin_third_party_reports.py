"""pytest-html's page and Allure's results have a journey's evidence: by the real packages, no browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

LATE = """
from pathlib import Path

from flutter_bridge import Box, Interval, now
from journeys import Verdict, journey
from journeys.timeline import StepEnded, VerdictReached
from PIL import Image

@journey("Alice's <header> is late", priority="P0")
async def late(journey_target, timeline, output_path):
    folder = Path(output_path)
    folder.mkdir(parents=True)
    for name, colour in (("old", "red"), ("new", "lime")):
        frame = Image.new("RGB", (400, 800), "white")
        frame.paste(colour, (100, 100, 300, 300))
        frame.save(folder / f"{name}.png")
    box = Box(100, 100, 200, 200)
    timeline.emit(VerdictReached(
        surface="header", actor="alice", target="web", wanted="blobs", budget_s=1.0, verdict=Verdict.FAILED,
        reason="shows it too late", commit_to_visible_s=Interval(1.2, 1.25), tap_to_visible_s=None, frames=9,
        source="screencast", last_old_frame=folder / "old.png", first_new_frame=folder / "new.png",
        boxes={"last_old": box, "first_new": box},
    ))
    began = now()
    timeline.emit(StepEnded(title="opens the editor", depth=1, duration_s=0.25, at=began + 0.5))
    timeline.emit(StepEnded(title="uploads", depth=0, duration_s=1.0, at=began + 1.0, error="no answer"))
    assert False, "alice's header was late"
"""
HEADLINE = "alice's header showed the change 1200–1250 ms after the commit, and 1,000 ms were allowed."
TITLES = [
    f"{HEADLINE[:-1]} (web, failed): the last that was old",
    f"{HEADLINE[:-1]} (web, failed): the first that was new",
]
WEB = "--journey-target=web"
RED, LIME = (255, 0, 0), (0, 255, 0)

# Beside one another in one process or in a worker, where a report is sent on.
everywhere = pytest.mark.parametrize("more", [[], ["-n1"]], ids=["alone", "worker"])


def show_red_and_lime(pictures: list[bytes], *, at: float) -> list[bool]:
    """Return whether two frames show red, and then lime, in the middle, this far down."""
    opened = [Image.open(BytesIO(picture)).convert("RGB") for picture in pictures]
    pixels = [picture.getpixel((picture.width // 2, round(picture.height * at))) for picture in opened]
    return [
        isinstance(pixel, tuple) and all(abs(a - b) < 60 for a, b in zip(pixel, colour, strict=True))
        for pixel, colour in zip(pixels, (RED, LIME), strict=True)
    ]


def html_tests(page: Path) -> list[dict[str, Any]]:
    """Return what pytest-html has of the session's tests."""
    blob = re.search(r'data-jsonblob="([^"]*)"', page.read_text(encoding="utf-8"))
    assert blob is not None
    return [one for tests in json.loads(unescape(blob[1]))["tests"].values() for one in tests]


def allure_tests(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*-result.json")]


@everywhere
def test_pytest_html_has_headline_frames_and_the_way_to_the_page(
    run: Run, here: Project, more: list[str]
) -> None:
    run(WEB, "--html=out/deep/r.html", "-p", "no:cacheprovider", *more, test_it=LATE).assert_outcomes(
        failed=1
    )
    folder = here.path / "out" / "deep"
    (test,) = html_tests(folder / "r.html")
    said, old, new, link = test["extras"]
    assert said["format_type"] == "html"
    assert unescape(said["content"]) == f"<p>{HEADLINE}</p>"
    assert [old["name"], new["name"]] == TITLES
    pictures = [(folder / each["content"]).read_bytes() for each in (old, new)]
    # Cut to the surface, for the page shows the middle of a picture.
    assert show_red_and_lime(pictures, at=0.5) == [True, True]
    assert all(Image.open(BytesIO(each)).size == (400, 250) for each in pictures)
    page, _, anchor = link["content"].partition("#")
    assert (folder / page).resolve() == here.path / "test-results" / "report" / "index.html"
    assert (folder / page).exists()
    assert anchor == "late%40web"


def test_a_self_contained_page_needs_no_other_file(run: Run, here: Project) -> None:
    run(WEB, "--html=r.html", "--self-contained-html", test_it=LATE).assert_outcomes(failed=1)
    (test,) = html_tests(here.path / "r.html")
    assert [each["content"].partition(",")[0] for each in test["extras"][1:3]] == [
        "data:image/webp;base64"
    ] * 2
    assert not (here.path / "assets").exists()


@everywhere
def test_allure_has_headline_frames_steps_and_the_way_to_the_page(
    run: Run, here: Project, more: list[str]
) -> None:
    run(WEB, "--alluredir=allure", "-p", "no:cacheprovider", *more, test_it=LATE).assert_outcomes(failed=1)
    (test,) = allure_tests(here.path / "allure")
    assert (test["name"], test["status"]) == ("Alice's <header> is late", "failed")
    assert test["description"] == HEADLINE
    frames = test["attachments"][:2]
    assert [each["name"] for each in frames] == TITLES
    pictures = [(here.path / "allure" / each["source"]).read_bytes() for each in frames]
    assert show_red_and_lime(pictures, at=0.25) == [True, True]
    assert all(Image.open(BytesIO(each)).size == (400, 800) for each in pictures)
    (outer,) = test["steps"]
    (inner,) = outer["steps"]
    assert (outer["name"], outer["status"], outer["statusDetails"]["message"]) == (
        "uploads",
        "failed",
        "no answer",
    )
    assert (inner["name"], inner["status"], inner["stop"] - inner["start"]) == (
        "opens the editor",
        "passed",
        pytest.approx(250, abs=1),
    )
    (link,) = test["links"]
    page = here.path / "test-results" / "report" / "index.html"
    assert link["url"] == f"{page.as_uri()}#late%40web"


def test_an_allure_link_leads_to_where_results_are_published(run: Run, here: Project) -> None:
    published = "--allure-link-pattern=journey:https://ci.example/run/7/{}"
    run(WEB, "--alluredir=allure", published, test_it=LATE)
    (test,) = allure_tests(here.path / "allure")
    assert [each["url"] for each in test["links"]] == [
        "https://ci.example/run/7/report/index.html#late%40web"
    ]


def test_a_title_and_a_description_that_a_journey_has_for_allure_stay(run: Run, here: Project) -> None:
    own = LATE.replace("@journey", "@allure.title('Ours')\n@allure.description('As agreed.')\n@journey")
    run(WEB, "--alluredir=allure", test_it=f"import allure\n{own}")
    (test,) = allure_tests(here.path / "allure")
    assert test["name"] == "Ours"
    assert test["description"] == f"{HEADLINE}\n\nAs agreed."


@pytest.mark.parametrize("option", ["--html=r.html", "--alluredir=allure"])
def test_what_breaks_before_and_after_a_journey_is_there_once(run: Run, here: Project, option: str) -> None:
    around = """
@pytest.fixture
def broken():
    raise RuntimeError("not ready")

@journey("It never begins")
async def never(broken): ...

@pytest.fixture
def breaks_later():
    yield
    raise RuntimeError("can't be tidied")
"""
    late = LATE.replace("timeline, output_path", "timeline, output_path, breaks_later")
    run(
        WEB,
        option,
        test_it=f"import pytest\n{around.replace('@pytest', '@pytest', 1)}".replace(
            "@journey", "from journeys import journey\n@journey"
        )
        + late,
    ).assert_outcomes(failed=1, errors=2)
    if option.startswith("--html"):
        headlines = [
            [each["content"] for each in test["extras"] if each["format_type"] == "html"]
            for test in html_tests(here.path / "r.html")
        ]
        assert all(len(each) == 1 for each in headlines)
        assert any("RuntimeError: not ready" in each for (each,) in headlines)
    else:
        tests = {test["name"]: test for test in allure_tests(here.path / "allure")}
        assert tests["It never begins"]["description"] == "RuntimeError: not ready"
        assert len(tests["Alice's <header> is late"]["links"]) == 1
        assert len(tests["Alice's <header> is late"]["steps"]) == 1


def test_no_secret_comes_out_by_allure(run: Run, here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPIUM_PASSWORD", "correct-horse-battery")
    tells = """
import os
from journeys import journey

@journey("Tells what it knows")
async def tells():
    print(os.environ["APPIUM_PASSWORD"])
    raise ValueError(os.environ["APPIUM_PASSWORD"])
"""
    run(WEB, "--alluredir=allure", "--html=r.html", test_it=tells).assert_outcomes(failed=1)
    written = [*(here.path / "allure").iterdir(), here.path / "r.html"]
    assert len(written) > 2
    assert [file.name for file in written if b"correct-horse" in file.read_bytes()] == []


def test_neither_is_imported_or_needed(here: Project, given: list[str]) -> None:
    here.configure("[tool.journeys]\npaths = ['.']\n")
    (here.path / "test_it.py").write_text(
        "import sys\nfrom journeys import journey\n\n@journey('Alone')\nasync def alone():\n"
        "    assert 'journeys.pytest_plugin.third_party_reports' not in sys.modules\n"
    )
    without = ["-p", "no:html", "-p", "no:allure_pytest"]
    played = subprocess.run(  # noqa: S603 - pytest, with our own words
        [sys.executable, "-m", "pytest", "-q", *given, *without, "--journey-target=web"],
        cwd=here.path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
