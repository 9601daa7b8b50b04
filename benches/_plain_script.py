"""The avatar journey written by hand with Playwright alone: the same actions, nothing measured."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from journeys.pictures import PictureBook
from journeys.profile import HttpBackend, Person


async def change_picture(browser: Browser, app_url: str, backend: HttpBackend, pictures: PictureBook) -> None:
    """Sign three apps in, change Alice's picture in one of them, and see the app say so."""
    alice = await backend.create_person("Alice")
    await backend.set_picture(alice, pictures.fresh())
    await backend.write_post(alice, "Look at me")
    bob = await backend.create_person("Bob")

    contexts: list[BrowserContext] = []
    try:
        pages = [await _signed_in(browser, app_url, person, contexts) for person in (alice, alice, bob)]
        page = pages[0]
        await _by_identifier(page, "header-profile").click()
        change = _by_identifier(page, "profile-change-picture")
        await expect(change).to_be_visible()
        for observer in pages[1:]:
            await expect(_by_identifier(observer, f"post-avatar-by-{alice.id}").first).to_be_visible()
        with tempfile.TemporaryDirectory() as folder:
            file = pictures.fresh().save(Path(folder))
            async with page.expect_file_chooser() as chosen:
                await change.click()
            await (await chosen.value).set_files(file)
            await expect(page.get_by_text("Picture changed").first).to_be_attached()
    finally:
        for context in contexts:
            await context.close()


async def _signed_in(browser: Browser, app_url: str, person: Person, contexts: list[BrowserContext]) -> Page:
    context = await browser.new_context(viewport={"width": 412, "height": 915})
    contexts.append(context)
    page = await context.new_page()
    await page.goto(app_url)
    await page.locator("flt-semantics-placeholder").dispatch_event("click")
    await _by_identifier(page, "header-sign-in").click()
    await _fill(_by_identifier(page, "sign-in-email"), person.email)
    await _fill(_by_identifier(page, "sign-in-password"), person.password)
    await _by_identifier(page, "sign-in-submit").click()
    await expect(_by_identifier(page, "header-avatar")).to_be_visible()
    return page


async def _fill(field: Locator, text: str) -> None:
    entry = field.locator("input")
    await entry.click()
    kept = ""
    while kept != text:
        # The engine writes old content over what was filled in too early: look again 3 frames later.
        await entry.fill(text)
        kept = await entry.evaluate(
            """async (field) => {
                for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
                return field.value;
            }"""
        )


def _by_identifier(page: Page, identifier: str) -> Locator:
    return page.locator(f'[flt-semantics-identifier="{identifier}"]')
