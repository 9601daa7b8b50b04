"""Every address leads to its screen: opened directly, signed in or not, reloaded, back and forward."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab


async def test_a_link_to_a_person_opens_them_for_whoever_has_it(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    ada, grace = await make_person("Ada"), await make_person("Grace")
    await ada.post("Come and see.")
    # A share adds a query, a person a slash.
    tab = await open_tab(f"/people/{ada.id}/?from=a-friend", person=grace)
    await tab.says("profile-name", "Ada")
    await tab.says(f"post-text-by-{ada.id}", "Come and see.")
    await tab.page.reload()
    await tab.says("profile-name", "Ada")
    await tab.says("header-name", "Grace")


async def test_signing_in_at_the_door_of_the_profile_leads_on_to_it(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    ada = await make_person("Ada")
    tab = await open_tab("/me")
    await tab.type("sign-in-email", ada.email)
    await tab.type("sign-in-password", ada.password)
    await tab.tap("sign-in-submit")
    await tab.says("profile-email", ada.email)


async def test_the_way_from_a_post_to_its_author_and_back(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    await ada.post("Come and see.")
    tab = await open_tab("/")
    await tab.tap(f"post-open-by-{ada.id}")
    await tab.says("profile-name", "Ada")
    await expect(tab.page).to_have_url(re.compile(f"/people/{ada.id}$"))
    await tab.page.go_back()
    await tab.shows("feed")
    await tab.page.go_forward()
    await tab.says("profile-name", "Ada")
    await tab.tap("header-feed")
    await tab.shows("feed")


async def test_addresses_that_lead_nowhere_say_so(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    await ada.ask("DELETE", "/me")
    tab = await open_tab("/no/such/place")
    await tab.shows("missing")
    for person in (uuid.uuid4(), ada.id, "somebody"):
        await tab.open(f"/people/{person}")
        await tab.shows("profile-missing")
