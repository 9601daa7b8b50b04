"""What each screen tells assistive technology and tests: the identifiers, roles and labels others rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab, Tab


async def is_button(tab: Tab, identifier: str, label: str) -> None:
    await tab.shows(identifier)
    await expect(tab.node(identifier)).to_have_role("button")
    await expect(tab.node(identifier)).to_have_accessible_name(label)


async def is_field(tab: Tab, identifier: str, label: str, *, kind: str = "text") -> None:
    await tab.shows(identifier)
    field = tab.node(identifier).locator("> input, > textarea")
    await expect(field).to_have_accessible_name(label)
    if await field.evaluate("field => field.tagName") == "INPUT":
        await expect(field).to_have_attribute("type", kind)


async def is_avatar(tab: Tab, identifier: str, name: str, size: int) -> None:
    await tab.shows(identifier)
    await expect(tab.node(identifier)).to_have_role("img")
    await expect(tab.node(identifier)).to_have_attribute("aria-label", f"Avatar of {name}")
    box = await tab.node(identifier).bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == pytest.approx((size, size), abs=0.01)


async def test_signed_out_feed(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    await ada.post("Numbers are not all there is.")
    tab = await open_tab("/")
    await tab.shows("feed")
    await is_avatar(tab, f"post-avatar-by-{ada.id}", "Ada", 48)
    await tab.says(f"post-author-by-{ada.id}", "Ada")
    await tab.says(f"post-text-by-{ada.id}", "Numbers are not all there is.")
    await is_button(tab, f"post-open-by-{ada.id}", "View Ada")
    await is_button(tab, "header-feed", "Feed")
    await is_button(tab, "header-sign-in", "Sign in")
    for absent in ("header-avatar", "header-name", "header-profile", "header-sign-out", "post-compose"):
        await tab.lacks(absent)


async def test_signed_in_feed(open_tab: OpenTab, make_person: MakePerson) -> None:
    tab = await open_tab("/", person=await make_person("Ada"))
    await is_avatar(tab, "header-avatar", "Ada", 40)
    await tab.says("header-name", "Ada")
    await is_button(tab, "header-profile", "Profile")
    await is_button(tab, "header-sign-out", "Sign out")
    await is_field(tab, "post-compose", "What's new?")
    await is_button(tab, "post-submit", "Post")
    await tab.lacks("header-sign-in")


async def test_sign_in_and_register(open_tab: OpenTab) -> None:
    tab = await open_tab("/sign-in")
    await is_field(tab, "sign-in-email", "E-mail")
    await is_field(tab, "sign-in-password", "Password", kind="password")
    await is_button(tab, "sign-in-submit", "Sign in")
    await tab.lacks("sign-in-error")
    await is_button(tab, "sign-in-register", "Create an account")
    await tab.tap("sign-in-register")
    await is_field(tab, "register-name", "Name")
    await is_field(tab, "register-email", "E-mail")
    await is_field(tab, "register-password", "Password", kind="password")
    await is_button(tab, "register-submit", "Create account")
    await tab.lacks("register-error")


async def test_own_profile(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    await ada.ask("PATCH", "/me", json={"bio": "Weaves patterns."})
    tab = await open_tab("/me", person=ada)
    await is_avatar(tab, "profile-avatar", "Ada", 120)
    await is_avatar(tab, "header-avatar", "Ada", 40)
    await tab.says("profile-name", "Ada")
    await tab.says("profile-bio", "Weaves patterns.")
    await tab.says("profile-email", ada.email)
    await is_button(tab, "profile-change-picture", "Change picture")
    await is_button(tab, "profile-remove-picture", "Remove picture")
    await is_field(tab, "profile-name-field", "Name")
    await is_button(tab, "profile-save", "Save")
    await tab.lacks("notice")


async def test_public_profile_keeps_private_things_private(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    ada = await make_person("Ada")
    tab = await open_tab(f"/people/{ada.id}")
    await is_avatar(tab, "profile-avatar", "Ada", 120)
    await tab.says("profile-name", "Ada")
    for absent in ("profile-email", "profile-change-picture", "profile-name-field", "profile-save"):
        await tab.lacks(absent)
    assert ada.email not in await tab.page.content()
