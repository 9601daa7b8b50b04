"""Two reviewers on one page: each follows the other, and the second one's decision is refused."""

from __future__ import annotations

from playwright.async_api import expect

from journeys.review import Choice, DecisionRequest
from tests.journeys.review.conftest import Made, Open, Serve
from tests.journeys.review.results_folder import moved_button, new_text
from tests.journeys.review.review_page import progress, shown


async def test_each_page_follows_the_other(place: Made, serve: Serve, open_page: Open) -> None:
    screen = moved_button()
    served = await serve(place(screen, new_text()).review())
    ada, bob = [await open_page(served.address_with_token) for _ in range(2)]
    for page in (ada, bob):
        await shown(page)
    await ada.keyboard.press("a")
    await expect(progress(bob)).to_have_text("1 of 2 decided")
    await expect(bob.get_by_text("Another reviewer: profile: approved")).to_be_visible()
    await ada.keyboard.press("u")
    await expect(progress(bob)).to_have_text("0 of 2 decided")


async def test_the_second_decision_is_refused_and_the_first_is_shown(place: Made, opened: Open) -> None:
    screen = moved_button()
    here = place(screen)
    page = await opened(here)
    # The page hears nothing of it until it decides.
    await page.route("**/changes*", lambda route: route.abort())
    here.review().decide([DecisionRequest(screen.key.id, Choice.REJECTED, "wrong colour")], by="bob")
    await page.keyboard.press("a")
    refusal = page.locator(".toast.error")
    await expect(refusal).to_contain_text("another reviewer has rejected it meanwhile")
    await expect(page.locator("#verdict")).to_have_text("rejected: wrong colour")
