"""What a competent user writes with appium-python-client alone, and the avatar journey written so by hand.

Elements are found by `UiSelector().resourceId`, waits are `WebDriverWait`. `bare` calls do without any wait
or check; the others wait until what they act on is displayed and enabled, and read back what they typed, as a
script has to that is to pass on every run.
"""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import httpx
import imagehash
from appium.options.common.base import AppiumOptions
from appium.webdriver.appium_connection import AppiumConnection
from appium.webdriver.client_config import AppiumClientConfig
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver
from appium.webdriver.webelement import WebElement
from PIL import Image
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait

from flutter_bridge.appium import AppiumSession
from journeys.pictures import Picture, PictureBook

PATIENCE: Final = 10.0
Locator = tuple[str, str]


def by_id(identifier: str) -> Locator:
    """Return how a Flutter identifier is found: it has no package before it, so `id` doesn't fit."""
    return AppiumBy.ANDROID_UIAUTOMATOR, f'new UiSelector().resourceId("{identifier}")'


def in_list(identifier: str) -> Locator:
    """Return how one is found by scrolling the first list there is."""
    wanted = f'new UiSelector().resourceId("{identifier}")'
    return (
        AppiumBy.ANDROID_UIAUTOMATOR,
        f"new UiScrollable(new UiSelector().scrollable(true)).scrollIntoView({wanted})",
    )


class PlainPhone:
    """One stand-in through the plain client, in a session that is open already; `sent` counts requests."""

    def __init__(self, session: AppiumSession) -> None:
        self.driver = _Attached(session)
        self._package = session.device.app
        # As often as WebDriverWait asks by itself, every 0.5 s, is seldom for a test of an app: 0.1 s.
        self._wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.1)

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self.driver.connection.sent

    def close(self) -> None:
        """Hang up; the session stays."""
        self.driver.connection.close()  # type: ignore[no-untyped-call]  # the client's own

    # Without any check

    def bare_find(self, identifier: str) -> None:
        """Find an element that is there."""
        self.driver.find_element(*by_id(identifier))

    def bare_tap(self, identifier: str) -> None:
        """Click an element that is there."""
        self.driver.find_element(*by_id(identifier)).click()

    def bare_enter_text(self, identifier: str, text: str) -> None:
        """Click a field, and replace its text."""
        field = self.driver.find_element(*by_id(identifier))
        field.click()
        field.clear()
        field.send_keys(text)

    def bare_source(self) -> None:
        """Read the page source as text."""
        _ = self.driver.page_source

    def bare_screenshot(self) -> None:
        """Take a PNG."""
        self.driver.get_screenshot_as_png()

    # As it has to be to pass on every run

    def find(self, identifier: str) -> WebElement:
        """Wait until an element is displayed."""
        found: WebElement = self._wait.until(expected.visibility_of_element_located(by_id(identifier)))  # type: ignore[assignment]  # the client's own class of elements
        return found

    def tap(self, identifier: str) -> None:
        """Wait until an element is displayed and enabled, and click it."""
        self._wait.until(expected.element_to_be_clickable(by_id(identifier))).click()

    def enter_text(self, identifier: str, text: str) -> None:
        """Replace a field's text, and read it back: Flutter takes none for a field without the focus."""
        field = self._wait.until(expected.element_to_be_clickable(by_id(identifier)))
        field.click()

        def entered(_: WebDriver) -> bool:
            field.clear()
            field.send_keys(text)
            return _says(field.text, text)

        self._wait.until(entered)

    def scroll_to(self, identifier: str) -> WebElement:
        """Scroll until an element is on screen."""
        return self.driver.find_element(*in_list(identifier))

    def source(self) -> ET.Element:
        """Read the page source and parse it."""
        return ET.fromstring(self.driver.page_source)  # noqa: S314 - it comes from our own stand-in

    def screenshot(self) -> Image.Image:
        """Take a picture of the screen, decoded."""
        with Image.open(io.BytesIO(self.driver.get_screenshot_as_png())) as picture:
            return picture.convert("RGB")

    def back(self) -> None:
        """Press Android's key."""
        self.driver.back()

    def open(self, url: str, identifier: str) -> None:
        """Follow a deep link, and wait until something is there that only its screen has."""
        self.driver.execute_script("mobile: deepLink", {"url": url, "package": self._package})
        self.find(identifier)

    # For the journey

    def start(self) -> None:
        """Start the app without any data."""
        self.driver.execute_script("mobile: clearApp", {"appId": self._package})
        self.driver.activate_app(self._package)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in."""
        self.tap("header-sign-in")
        self.enter_text("sign-in-email", email)
        self.enter_text("sign-in-password", password)
        self.tap("sign-in-submit")
        self.find("header-avatar")

    def upload(self, file: Path) -> None:
        """Put a file on the device, and pick it in the system's picker."""
        content = base64.b64encode(file.read_bytes()).decode("ascii")
        self.driver.push_file(f"/sdcard/Download/{file.name}", content)
        self.tap("profile-change-picture")
        named = AppiumBy.ANDROID_UIAUTOMATOR, f'new UiSelector().text("{file.name}")'
        self._wait.until(expected.element_to_be_clickable(named)).click()

    def shows(self, identifiers: Sequence[str], old: Picture, new: Picture) -> None:
        """Take screenshots until every one of these places shows the new picture rather than the old one."""
        boxes = [self.find(identifier).rect for identifier in identifiers]
        hashes = imagehash.phash(old.image), imagehash.phash(new.image)

        def seen(_: WebDriver) -> bool:
            screen = self.screenshot()
            crops = (imagehash.phash(screen.crop(_corners(box))) for box in boxes)
            return all(crop - hashes[1] < crop - hashes[0] for crop in crops)

        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(seen)


def change_picture(
    phones: Sequence[PlainPhone], backend_url: str, pictures: PictureBook, folder: Path
) -> None:
    """Do what the avatar journey does: three apps, a new picture, seen in five places."""
    old, new = pictures.fresh(), pictures.fresh()
    with httpx.Client(base_url=backend_url, trust_env=False) as http:
        alice, token = _account(http, "Alice")
        headers = {"Authorization": f"Bearer {token}"}
        picture = {**headers, "Content-Type": old.media_type}
        http.put("/me/avatar", content=old.encoded, headers=picture).raise_for_status()
        http.post("/posts", json={"text": "Look at me"}, headers=headers).raise_for_status()
        bob, _ = _account(http, "Bob")
    post = f"post-avatar-by-{alice['id']}"
    for phone, person in zip(phones, (alice, alice, bob), strict=True):
        phone.start()
        phone.sign_in(person["email"], person["password"])
    hers, at_home, his = phones
    hers.tap("header-profile")
    hers.find("profile-avatar")
    for observer in (at_home, his):
        observer.scroll_to(post)
    hers.upload(new.save(folder))
    hers.shows(["header-avatar", "profile-avatar"], old, new)
    at_home.shows(["header-avatar", post], old, new)
    his.shows([post], old, new)


def _account(http: httpx.Client, name: str) -> tuple[dict[str, Any], str]:
    email, password = f"{name.lower()}-{secrets.token_hex(6)}@example.test", secrets.token_urlsafe(12)
    answer = http.post("/accounts", json={"email": email, "password": password, "display_name": name})
    answer.raise_for_status()
    said = answer.json()
    return {"id": said["profile"]["id"], "email": email, "password": password}, said["token"]


def _says(shown: str, text: str) -> bool:
    """Whether a field has a text; a password's shows as many bullets."""
    return shown in {text, "•" * len(text)}


def _corners(box: dict[str, int]) -> tuple[int, int, int, int]:
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


class _Counting(AppiumConnection):
    """The client's own connection, counting."""

    sent = 0

    def execute(self, command: str, params: Any) -> Any:
        self.sent += 1
        return super().execute(command, params)  # type: ignore[no-untyped-call]  # the client's own


class _Attached(WebDriver):
    """The plain client in a session that is open already."""

    def __init__(self, session: AppiumSession) -> None:
        self._attached = session
        self.connection = _Counting(client_config=AppiumClientConfig(session.server))
        super().__init__(command_executor=self.connection, options=AppiumOptions())

    def start_session(
        self,
        capabilities: dict[str, Any] | AppiumOptions,  # noqa: ARG002 - none is started
        browser_profile: str | None = None,  # noqa: ARG002 - likewise
    ) -> None:
        self.session_id = self._attached.id
        self.caps = dict(self._attached.capabilities)
