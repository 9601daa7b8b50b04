"""A change is played on a run's page: all apps in step, by keyboard, with little motion for who wants it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from journeys import Status
from tests.journeys.report.run_made import Open, watched_journey, with_bob


async def test_a_change_is_played_from_its_beginning_to_its_end_and_stopped_on_the_way(
    open_run: Open, tmp_path: Path
) -> None:
    page = await open_run(with_bob(watched_journey(tmp_path / "looks", status=Status.FAILED)))
    await page.get_by_label("how fast it is played").select_option("0.25")
    now_shown, frames = page.locator(".now"), page.locator(".screen .frame")
    button = page.locator(".play")
    await expect(frames.nth(1)).to_have_attribute("aria-label", "bob's app at 2.01 s")
    await button.focus()
    await page.keyboard.press("Space")
    # Everybody's app goes back to the beginning, and is at the same picture then.
    await expect(frames.nth(0)).to_have_attribute("aria-label", "alice's app at 1.41 s")
    await expect(frames.nth(1)).to_have_attribute("aria-label", "bob's app at 1.41 s")
    await page.keyboard.press("Space")
    await expect(button).to_have_text("▶ play")
    stopped = await now_shown.text_content()
    await page.get_by_label("how fast it is played").select_option("4")
    assert await now_shown.text_content() == stopped
    await button.click()
    await expect(now_shown).to_have_text("2.11 s")
    await expect(frames.nth(0)).to_have_attribute("aria-label", "alice's app at 2.01 s")
    await expect(frames.nth(1)).to_have_attribute("aria-label", "bob's app at 2.01 s")
    await expect(button).to_have_text("▶ play")


async def test_who_points_somewhere_ends_what_is_played(open_run: Open, tmp_path: Path) -> None:
    page = await open_run(watched_journey(tmp_path / "looks", status=Status.FAILED))
    await page.get_by_label("how fast it is played").select_option("0.25")
    await page.locator(".play").click()
    await expect(page.locator(".play")).to_have_text("❚❚ pause")
    await page.get_by_role("slider", name="moment in the journey").fill("0")
    await expect(page.locator(".play")).to_have_text("▶ play")
    await expect(page.locator(".now")).to_have_text("1.30 s")


async def test_who_wants_little_motion_sees_only_the_moments_at_which_something_changed(
    open_run: Open, tmp_path: Path
) -> None:
    page = await open_run(watched_journey(tmp_path / "looks", status=Status.FAILED), reduced_motion="reduce")
    await page.evaluate(
        """() => {
            globalThis.seen = new Set();
            const now = document.querySelector(".now");
            new MutationObserver(() => seen.add(now.textContent)).observe(now, { childList: true });
        }"""
    )
    await page.locator(".play").click()
    await expect(page.locator(".now")).to_have_text("2.11 s")
    assert set(await page.evaluate("[...seen]")) <= {
        "1.30 s",
        "1.41 s",
        "1.51 s",
        "1.71 s",
        "2.01 s",
        "2.11 s",
    }
