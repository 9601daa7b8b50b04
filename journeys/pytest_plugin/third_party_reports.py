"""A journey's evidence in reports that others make of a session: pytest-html's page, and Allure's results.

Neither is needed: this is registered only where one of them was told to write.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from journeys.pytest_plugin.options import ENDING
from journeys.pytest_plugin.session import SESSION, Ending
from journeys.report import PAGE, JourneyRecord, anchor_of, headline_of, sentence_of

if TYPE_CHECKING:
    from allure_commons.model2 import TestStepResult

LINK_TYPE: Final = "journey"
"""What `--allure-link-pattern` calls links to the run's page."""

_LINK_NAME = "This journey on the run's page"
_LONGEST_PX = 900
_WIDE = 1.6
_FRAME_COLOUR = "#1f6fb2"

# The attempt whose evidence was given: what breaks after it, in teardown, has no other.
_GIVEN: pytest.StashKey[int | None] = pytest.StashKey()


def files_of(config: pytest.Config) -> Iterator[Path]:
    """Yield what the others have written, or may have: what pytest reported is in it."""
    if page := config.getoption("htmlpath", None):
        yield _path_of_html(page)
    if folder := config.getoption("allure_report_dir", None):
        for kind in ("*-result.json", "*-container.json", "*-attachment*"):
            yield from Path(folder).glob(kind)


# Registered after those that make the report, and so around them.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give the others what is known of a journey, once it has ended."""
    report = yield
    ending: Ending | None = getattr(report, ENDING, None)
    if ending is None or item.stash.get(_GIVEN, None) == (number := ending["record"].get("attempt")):
        return report
    item.stash[_GIVEN] = number
    if page := item.config.getoption("htmlpath", None):
        _give_html(report, ending["record"], item, _path_of_html(page).parent)
    if item.config.getoption("allure_report_dir", None):
        _give_allure(ending["record"], item)
    return report


def _give_html(report: pytest.TestReport, record: JourneyRecord, item: pytest.Item, folder: Path) -> None:
    from pytest_html import extras  # type: ignore[import-untyped]  # noqa: PLC0415 - only where it is there

    results = item.config.stash[SESSION].spec.results
    said = [extras.html(f"<p>{escape(headline_of(record))}</p>")]
    said += [
        extras.image(base64.b64encode(picture).decode(), title, "image/webp", "webp")
        for title, picture in _deciding_frames(record, results, cut=True)
    ]
    link = extras.url(_address(record, Path(os.path.relpath(results, folder)).as_posix()), _LINK_NAME)
    # As a list of plain data it goes from a worker to the process that writes the page.
    given = [*getattr(report, "extras", ()), *said, link]
    report.extras = given  # type: ignore[attr-defined]  # pytest-html's own, which it reads there


def _give_allure(record: JourneyRecord, item: pytest.Item) -> None:
    import allure  # noqa: PLC0415 - only where it is there

    results = item.config.stash[SESSION].spec.results
    listener: Any = item.config.pluginmanager.get_plugin("allure_listener")
    test = listener.allure_logger.get_test(None)
    dynamic: Any = allure.dynamic  # without types
    if test.name == item.name:  # which `allure.title` would have changed
        dynamic.title(record["name"])
    dynamic.description("\n\n".join(filter(None, (headline_of(record), test.description))))
    # Where the report will be is not known; where results are published, the pattern says.
    is_published = any(kind == LINK_TYPE for kind, _ in item.config.getoption("allure_link_pattern"))
    address = _address(record, "" if is_published else results.as_uri())
    dynamic.link(address, link_type=LINK_TYPE, name=_LINK_NAME)
    for title, picture in _deciding_frames(record, results, cut=False):
        allure.attach(picture, name=title, attachment_type="image/webp", extension="webp")
    test.steps.extend(_steps(record))


def _address(record: JourneyRecord, results: str) -> str:
    """Return where a journey is on the run's page; `results` is the address of the folder of results."""
    page = "/".join(filter(None, (results, PAGE.as_posix())))
    return f"{page}#{anchor_of(record['id'], record['casting'])}"


def _path_of_html(page: str) -> Path:
    return Path.cwd() / Path(os.path.expandvars(page)).expanduser()


def _deciding_frames(record: JourneyRecord, results: Path, *, cut: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the two frames that decided on each surface, with the surface in its box, as WebP.

    They are whole, or `cut` to what is around the surface.
    """
    for surface in record["surfaces"]:
        for title, frame, name in (
            ("the last that was old", surface["last_old_frame"], "last_old"),
            ("the first that was new", surface["first_new_frame"], "first_new"),
        ):
            box = surface.get("boxes", {}).get(name)
            picture = None if frame is None else _picture(results / frame, box, cut=cut)
            if picture is not None:
                said = f"{sentence_of(surface)} ({surface['target']}, {surface['verdict']}): {title}"
                yield said, picture


def _picture(frame: Path, box: Sequence[float] | None, *, cut: bool) -> bytes | None:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only a run that measured has pictures

    try:
        with Image.open(frame) as opened:
            picture = opened.convert("RGB")
    except OSError:
        return None  # what can't be kept was reported when it was to be
    if box:
        left, top, width, height = box
        pen = max(2, max(picture.size) // 300)
        around = (left - pen, top - pen, left + width + pen, top + height + pen)
        ImageDraw.Draw(picture).rectangle(around, outline=_FRAME_COLOUR, width=pen)
        if cut:
            picture = picture.crop(_surroundings(box, picture.size))
    picture.thumbnail((_LONGEST_PX, _LONGEST_PX))
    with BytesIO() as buffer:
        picture.save(buffer, "WEBP", quality=70, method=4)
        return buffer.getvalue()


def _surroundings(box: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return what to show around a surface: pytest-html shows the middle of a picture, wider than high."""
    left, top, width, height = box
    wide = min(size[0], max(width, height * _WIDE) * 2)
    high = min(size[1], max(wide / _WIDE, height * 1.2))
    x = min(max(0, left + width / 2 - wide / 2), size[0] - wide)
    y = min(max(0, top + height / 2 - high / 2), size[1] - high)
    return round(x), round(y), round(x + wide), round(y + high)


def _steps(record: JourneyRecord) -> list[TestStepResult]:
    """Return a journey's steps as Allure has them, one in another, when they were taken."""
    from allure_commons.model2 import StatusDetails, TestStepResult  # noqa: PLC0415 - as above

    began = datetime.fromisoformat(record["started_at"]).timestamp()
    inside: list[list[TestStepResult]] = [[]]
    for step in record["steps"]:
        start = began + step["started_s"]
        made = TestStepResult(
            name=step["title"],
            status="failed" if step["error"] else "passed",
            statusDetails=StatusDetails(message=step["error"]) if step["error"] else None,
            start=round(start * 1000),
            stop=round((start + step["duration_s"]) * 1000),
        )
        del inside[step["depth"] + 1 :]
        inside[-1].append(made)
        inside.append(made.steps)
    return inside[0]
