"""Reviews of screens drawn for the purpose, served to a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from journeys.review import Review, ServedReview, read_results, serve_review
from tests.journeys.review.results_folder import Screen, some_screens, write_results
from tests.journeys.review.review_page import shown

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Place:
    """A project with results and baselines; `said` is what the review complained of."""

    root: Path
    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def baselines(self) -> Path:
        return self.root / "e2e" / "baselines"

    def review(self) -> Review:
        """Begin a review, or go on with one, as a new process would."""
        return Review(read_results(self.folder, project=self.root), complain=self.said.append)

    def baseline(self, screen: Screen) -> Path:
        return self.baselines / screen.key.path

    def actual(self, screen: Screen) -> Path:
        return self.folder / "actual" / screen.key.path

    def tree(self) -> dict[str, bytes]:
        """All files among the baselines."""
        files = (path for path in sorted(self.baselines.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.baselines)): path.read_bytes() for path in files}


Made = Callable[..., Place]
Serve = Callable[[Review], Awaitable[ServedReview]]
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
def place(tmp_path: Path) -> Made:
    """Give a function that writes results of the screens given, or of several kinds."""

    def made(*screens: Screen) -> Place:
        return Place(tmp_path, write_results(tmp_path, screens or some_screens()))

    return made


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Give a function that serves a review until the test is over."""
    async with AsyncExitStack() as stack:

        async def served(review: Review) -> ServedReview:
            return await stack.enter_async_context(serve_review(review))

        yield served


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Wait longer for what the page is to show: decisions are on disk first, and the disk may be busy."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Leave the window's size to each test."""
    return {name: value for name, value in browser_context_args.items() if name != "viewport"}


@pytest.fixture
def open_page(new_context: Callable[..., Awaitable[BrowserContext]]) -> Iterator[Open]:
    """Give a function that opens a review's page; whatever the page complains of fails the test."""
    complaints: list[str] = []

    async def opened(address: str, **context: Any) -> Page:
        page = await (await new_context(**{"viewport": DESKTOP, **context})).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            # A refused decision's status is what the browser itself reports as an error.
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and "the server responded with a status of" not in said.text
                else None
            ),
        )
        await page.goto(address)
        return page

    yield opened
    assert complaints == []


@pytest.fixture
def opened(serve: Serve, open_page: Open) -> Open:
    """Give a function that serves a place's review and opens its page, with the first screen shown."""

    async def it(here: Place, **context: Any) -> Page:
        page = await open_page((await serve(here.review())).address_with_token, **context)
        await shown(page)
        return page

    return it
