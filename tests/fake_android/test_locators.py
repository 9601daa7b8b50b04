"""The server's strategies, and the attributes of what they find."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fake_android.device import AndroidNode, PixelBounds
from fake_android.errors import (
    InvalidSelector,
    NotSupported,
    StaleElement,
    UiAutomatorError,
    UnknownAttribute,
)
from fake_android.locators import locate
from fake_android.page_source import LookupSettings, attribute
from fake_android.ui_scrollable import LookupScreen

TITLE = AndroidNode(class_name="android.widget.TextView", resource_id="android:id/title", text="cat.png")
NATIVE = AndroidNode(resource_id="com.example.app:id/save", content_desc="Native", children=(TITLE,), ref="n")
FLUTTERS = AndroidNode(resource_id="save", content_desc="Save")
HIDDEN = AndroidNode(resource_id="save", content_desc="Save", displayed=False)
WINDOW = AndroidNode(class_name="android.widget.FrameLayout", children=(HIDDEN, NATIVE, FLUTTERS))


@dataclass
class Screen(LookupScreen):
    root: AndroidNode = WINDOW

    async def window(self) -> AndroidNode:
        return self.root

    async def swipe(self, start: tuple[int, int], end: tuple[int, int], *, steps: int) -> None:
        raise AssertionError(f"nothing here needs a swipe: {start} to {end} in {steps}")


async def located(
    strategy: str,
    selector: str,
    *,
    settings: LookupSettings | None = None,
    context: AndroidNode | None = None,
    app_package: str | None = "com.example.app",
) -> list[AndroidNode]:
    return await locate(
        Screen(),
        strategy,
        selector,
        context=context,
        multiple=True,
        settings=settings,
        app_package=app_package,
    )


@pytest.mark.parametrize(
    ("strategy", "selector", "nodes"),
    [
        ("id", "android:id/title", [TITLE]),
        ("accessibility id", "Save", [FLUTTERS]),
        ("accessibility id", "save", []),
        ("class name", "android.view.View", [NATIVE, FLUTTERS]),
        ("xpath", "//*[@resource-id='save']", [FLUTTERS]),
        ("-android uiautomator", 'resourceId("save")', [FLUTTERS]),
    ],
)
async def test_each_strategy_finds_what_can_be_seen(
    strategy: str, selector: str, nodes: list[AndroidNode]
) -> None:
    assert await located(strategy, selector) == nodes
    one = await locate(Screen(), strategy, selector, multiple=False, app_package="com.example.app")
    assert one == nodes[:1]


async def test_an_id_without_a_package_is_given_the_apps_unless_a_setting_leaves_it() -> None:
    assert await located("id", "save") == [NATIVE]
    plain = LookupSettings(disable_id_locator_autocompletion=True)
    assert await located("id", "save", settings=plain) == [FLUTTERS]
    with pytest.raises(UiAutomatorError, match="Cannot rewrite element locator 'save'"):
        await located("id", "save", app_package=None)


@pytest.mark.parametrize("strategy", ["class name", "xpath", "-android uiautomator"])
async def test_a_search_stays_below_its_node(strategy: str) -> None:
    everything = {"class name": "android.widget.TextView", "xpath": ".//*"}.get(strategy, "enabled(true)")
    assert await located(strategy, everything, context=NATIVE) == [TITLE]


async def test_a_node_of_an_earlier_reading_is_known_again_or_gone() -> None:
    assert await located("id", "android:id/title", context=AndroidNode(ref="n")) == [TITLE]
    with pytest.raises(StaleElement):
        await located("id", "android:id/title", context=AndroidNode(ref="other"))
    with pytest.raises(StaleElement):
        await located("id", "android:id/title", context=AndroidNode())


@pytest.mark.parametrize("strategy", ["css selector", "name", "-ios predicate string", ""])
async def test_no_other_strategy_is_known(strategy: str) -> None:
    with pytest.raises(InvalidSelector, match=f"Selector strategy '{strategy}' is not supported") as raised:
        await located(strategy, "x")
    assert "[id, xpath, accessibility id, class name, -android uiautomator]" in str(raised.value)


# -- attributes

FIELD = AndroidNode(
    class_name="android.widget.EditText",
    package="com.example.app",
    text="Ada",
    hint="Name",
    resource_id="name",
    heading=True,
    bounds=PixelBounds(10, 20, 110, 70),
)


@pytest.mark.parametrize(
    ("names", "value"),
    [
        (["text", "name", "TEXT"], "Ada"),
        (["class", "className", "classname"], "android.widget.EditText"),
        (["resource-id", "resourceId"], "name"),
        (["content-desc", "contentDescription"], None),
        (["package"], "com.example.app"),
        (["hint"], "Name"),
        (["bounds"], "[10,20][110,70]"),
        (["enabled"], "true"),
        (["displayed"], "true"),
        (["long-clickable", "longClickable"], "false"),
        (["selection-start"], None),
    ],
)
def test_an_attribute_has_its_names_and_is_text(names: list[str], value: str | None) -> None:
    assert [attribute(FIELD, name) for name in names] == [value] * len(names)


@pytest.mark.parametrize(
    "name", ["value", "index", "original-text", "heading", "pane-title", "tooltip-text", ""]
)
def test_what_the_server_answers_nothing_for_is_refused_though_a_source_may_show_it(name: str) -> None:
    with pytest.raises(UnknownAttribute, match=f"'{name}' attribute is unknown for the element") as raised:
        attribute(FIELD, name)
    assert "{resource-id,resourceId}" in str(raised.value)


def test_how_far_an_element_scrolls_only_a_device_says() -> None:
    with pytest.raises(NotSupported, match="contentSize"):
        attribute(FIELD, "contentSize")
