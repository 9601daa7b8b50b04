"""A real screen means the same on the web and on the phone, whose page source is made of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser

from fake_android.page_source import page_source
from fake_android.translation import android_window
from flutter_bridge import Box, Finder, Node, Role, Tree, by
from flutter_bridge.appium import android_tree
from flutter_bridge.web import WebApp, open_web_app, parse

PACKAGE = "com.example.app"

FINDERS = [
    by.identifier("press"),
    by.label("Press me"),
    by.role(Role.BUTTON, name="Press me"),
    by.text("Press me"),
    by.identifier("avatar"),
    by.identifier("title"),
    by.identifier("counted"),
    by.identifier("disabled"),
    by.identifier("field"),
    by.label("Say something"),
    by.identifier("secret"),
    by.label("Password"),
    by.identifier("story"),
    by.identifier("agree"),
    by.role(Role.SWITCH),
    by.role(Role.CHECKBOX),
    by.identifier("volume"),
    by.text("40%"),
    by.role(Role.BUTTON, name="Star it"),
    by.role(Role.HEADING),
    by.role(Role.TEXT),
    by.role(Role.GROUP),
    by.role(Role.IMAGE).nth(0),
    by.role(Role.IMAGE).nth(1),
    by.role(Role.IMAGE).within(by.identifier("list")).nth(1),
    by.identifier("list"),
    by.role(Role.SCROLLABLE),
]


def near(box: Box, other: Box, pixel_ratio: float) -> bool:
    """Whether two boxes differ by no more than rounding to physical pixels does, at every edge."""
    edges = (
        (box.left, other.left),
        (box.top, other.top),
        (box.right, other.right),
        (box.bottom, other.bottom),
    )
    return all(abs(one - two) <= 0.5 / pixel_ratio + 0.02 for one, two in edges)


def facts_of(node: Node) -> dict[str, Any]:
    return {
        name: getattr(node, name)
        for name in (
            *("role", "identifier", "label", "value", "hint", "visible", "scrolls", "enabled", "focused"),
            *("selected", "checked", "obscured"),
        )
    }


@pytest.fixture(params=[1, 2.625], ids=["as many pixels", "denser pixels"])
def pixel_ratio(request: pytest.FixtureRequest) -> float:
    return float(request.param)


@pytest.fixture(scope="module")
async def web_app(
    browser: Browser, sample_app: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WebApp]:
    """Open the sample app in a phone-sized page, at a screen that nobody did anything on."""
    async with open_web_app(
        new_context=browser.new_context,
        url=sample_app,
        artifacts=tmp_path_factory.mktemp("artifacts"),
        viewport={"width": 412, "height": 915},
    ) as app:
        await app.open("/fresh-1")
        yield app


@pytest.fixture
async def trees(web_app: WebApp, pixel_ratio: float) -> tuple[Tree, Tree]:
    """What the web says of a real screen, and what the runner reads from the phone's page source of it."""
    async with asyncio.timeout(10):
        # While the app goes from one page to the next, neither of them is there whole.
        while True:
            text = await web_app.page.evaluate("__flutterBridge.read(-1, 0)")
            tree = parse(text).tree
            if all(on_screen(finder, tree) for finder in FINDERS):
                break
    root = android_window(json.loads(text), package=PACKAGE, pixel_ratio=pixel_ratio, field_texts={})
    size = (root.bounds.right, root.bounds.bottom)
    source = page_source(root, rotation=0, size=size)
    return tree, android_tree(source, pixel_ratio=pixel_ratio)


def on_screen(finder: Finder, tree: Tree) -> list[Node]:
    return [node for node in finder.matches_in(tree) if node.visible]


async def test_every_finder_means_the_same_nodes_as_on_the_web(
    trees: tuple[Tree, Tree], pixel_ratio: float
) -> None:
    web, android = trees
    for finder in FINDERS:
        expected, found = on_screen(finder, web), on_screen(finder, android)
        assert expected, f"{finder} finds nothing on the web"
        assert [facts_of(node) for node in found] == [facts_of(node) for node in expected], str(finder)
        boxes = zip(found, expected, strict=True)
        assert all(near(one.box, other.box, pixel_ratio) for one, other in boxes), str(finder)


async def test_all_that_is_said_on_the_web_is_said_on_the_phone(trees: tuple[Tree, Tree]) -> None:
    """In the same order; the views around Flutter, which the phone adds, say nothing but their own name."""

    def visible_facts(tree: Tree) -> list[dict[str, Any]]:
        return [
            facts_of(node)
            for node in tree
            if node.visible and (node.text or node.identifier) and node.identifier != "android:id/content"
        ]

    web, android = trees
    assert visible_facts(android) == visible_facts(web)


async def test_what_lies_below_the_edge_is_known_to_the_web_alone(trees: tuple[Tree, Tree]) -> None:
    """Android leaves out what nobody can see; the web keeps it, and says where it would be."""
    below = by.identifier("item-5")
    web, android = trees
    assert [node.visible for node in below.all_matches_in(web)] == [False]
    assert below.all_matches_in(android) == []
