"""Coming in, staying in, going out."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab


async def test_sign_in_survives_a_reload_and_ends_with_sign_out(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    ada = await make_person("Ada")
    tab = await open_tab("/sign-in")
    await tab.type("sign-in-email", ada.email)
    await tab.type("sign-in-password", ada.password)
    await tab.page.keyboard.press("Enter")
    await tab.says("header-name", "Ada")
    await tab.shows("feed", "post-compose")
    await tab.page.reload()
    await tab.says("header-name", "Ada")
    await tab.tap("header-sign-out")
    await tab.shows("header-sign-in")
    await tab.lacks("header-name")
    await tab.page.reload()
    await tab.shows("header-sign-in")
    await tab.lacks("header-name")


async def test_a_wrong_password_is_said_in_plain_words(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person()
    tab = await open_tab("/sign-in")
    await tab.tap("sign-in-submit")
    await tab.says("sign-in-error", "E-mail is still empty.")
    await tab.type("sign-in-email", ada.email)
    await tab.type("sign-in-password", "something else")
    await tab.tap("sign-in-submit")
    await tab.says("sign-in-error", "E-mail or password is wrong.")
    await tab.lacks("header-name")


async def test_registering_leads_to_the_own_profile(open_tab: OpenTab, make_person: MakePerson) -> None:
    tab = await open_tab("/register")
    await tab.type("register-name", "Grace")
    await tab.type("register-email", (await make_person()).email)
    await tab.type("register-password", "long enough")
    await tab.tap("register-submit")
    await tab.says("register-error", "There is an account with this e-mail already. Sign in instead.")
    await tab.type("register-email", f"{uuid.uuid4().hex}@example.test")
    await tab.tap("register-submit")
    await tab.says("profile-name", "Grace")
    await tab.says("header-name", "Grace")
    await expect(tab.page).to_have_url(re.compile(r"/me$"))


async def test_an_expired_token_shows_the_signed_out_app(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    response = await ada.api.delete("/sessions/current", headers={"Authorization": f"Bearer {ada.token}"})
    assert response.status_code == 204
    tab = await open_tab("/", person=ada)
    await tab.shows("header-sign-in", "feed")
    await tab.lacks("header-name")
