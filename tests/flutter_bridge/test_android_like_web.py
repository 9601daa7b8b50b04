"""A screen on Android means the same as on the web, and a real app's says all it says."""

from __future__ import annotations

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import Finder, Role, Tree, by
from flutter_bridge.appium import android_tree
from flutter_bridge.web import parse
from tests.flutter_bridge.android_views import view, window

RECORDED = os.environ.get("PAGE_SOURCES", "")


def element(
    tag: str = "flt-semantics", /, box: tuple[int, ...] = (0, 0, 10, 10), **rest: Any
) -> dict[str, Any]:
    return {"t": tag, "i": "", "b": box} | rest


def web_screen() -> Tree:
    """A small screen as `page.js` reads it from the web build."""
    name = element("input", a={"aria-label": "Display name"}, v="Ada", f=1)
    volume = element("input", a={"type": "range", "role": "slider", "aria-valuetext": "38%"})
    avatar = element(box=(8, 208, 40, 40), a={"role": "img", "aria-label": "Avatar of Ada"})
    avatar["a"]["flt-semantics-identifier"] = "post-avatar"
    post = element(
        box=(0, 200, 400, 80),
        a={"role": "group", "aria-label": "Post by Ada"},
        k=[avatar, element(box=(60, 208, 300, 40), x="Hello")],
    )
    save = element(box=(0, 100, 80, 40), a={"role": "button"}, x="Save")
    nodes = [
        element("h1", box=(0, 0, 400, 40), x="Profile"),
        element(box=(0, 50, 400, 40), k=[name]),
        element(box=(0, 100, 80, 40), a={"flt-semantics-identifier": "save"}, k=[save]),
        element(box=(100, 100, 80, 40), a={"role": "switch", "aria-label": "Dark", "aria-checked": "true"}),
        element(box=(200, 100, 80, 40), a={"aria-label": "Volume"}, k=[volume]),
        element(box=(0, 150, 80, 40), a={"role": "tab", "aria-label": "Feed", "aria-selected": "true"}),
        element(box=(0, 200, 400, 600), a={"role": "group"}, o=1, s="y", k=[post]),
    ]
    page = {"version": 1, "url": "/", "width": 400, "height": 800, "ratio": 2, "flutter": True}
    return parse(json.dumps(page | {"nodes": nodes})).tree


def android_screen() -> Tree:
    """The same screen as UiAutomator2 gives it on a device of two pixels to the point."""
    avatar = view(
        "ImageView", content_desc="Avatar of Ada", resource_id="post-avatar", bounds="[16,416][96,496]"
    )
    text = view("View", content_desc="Hello", bounds="[120,416][720,496]")
    post = view("View", avatar, text, content_desc="Post by Ada", bounds="[0,400][800,560]")
    save = view("Button", content_desc="Save", clickable="true", bounds="[0,200][160,280]")
    checked = {"checkable": "true", "checked": "true"}
    tab = {"content_desc": "Feed\nTab 1 of 2", "selected": "true", "clickable": "true"}
    screen = view(
        "View",
        view("View", content_desc="Profile", heading="true", bounds="[0,0][800,80]"),
        view("EditText", text="Ada", hint="Display name", focused="true", bounds="[0,100][800,180]"),
        view("View", save, resource_id="save", bounds="[0,200][160,280]"),
        view("Switch", content_desc="Dark", bounds="[200,200][360,280]", **checked),
        view("SeekBar", content_desc="38%, Volume", clickable="true", bounds="[400,200][560,280]"),
        view("View", bounds="[0,300][160,380]", **tab),
        view("View", post, scrollable="true", focusable="true", bounds="[0,400][800,1600]"),
        bounds="[0,0][800,1600]",
    )
    source = window(view("View", view("View", screen, bounds="[0,0][800,1600]"), bounds="[0,0][800,1600]"))
    return android_tree(source.replace("1080", "800").replace("2400", "1600"), pixel_ratio=2)


@pytest.mark.parametrize(
    "finder",
    [
        by.identifier("save"),
        by.label("Save"),
        by.role(Role.BUTTON),
        by.role(Role.HEADING, name="Profile"),
        by.role(Role.TEXT_FIELD),
        by.label("Display name"),
        by.text("Ada"),
        by.role(Role.SWITCH, name="Dark"),
        by.role(Role.SLIDER, name="Volume"),
        by.text("38%"),
        by.role(Role.TAB, name="Feed"),
        by.role(Role.SCROLLABLE),
        by.role(Role.GROUP, name="Post by Ada"),
        by.identifier("post-avatar").within(by.label("Post by Ada")),
        by.role(Role.IMAGE, name="Avatar of Ada"),
        by.role(Role.TEXT, name="Hello").within(by.role(Role.SCROLLABLE)),
    ],
    ids=str,
)
def test_a_finder_means_the_same_node_as_on_the_web(finder: Finder) -> None:
    def answers(tree: Tree) -> list[tuple[Any, ...]]:
        return [
            (
                *(node.role, node.identifier, node.label, node.value, node.box, node.visible, node.scrolls),
                *(node.enabled, node.focused, node.selected, node.checked, node.obscured),
            )
            for node in finder.all_matches_in(tree)
        ]

    web, android = web_screen(), android_screen()
    assert answers(android) == answers(web)
    assert len(answers(web)) == 1
    assert (android.screen, android.pixel_ratio) == (web.screen, web.pixel_ratio)


# -- sources of real apps: not ours to keep, so whoever runs this names a folder that has some


@pytest.mark.skipif(not RECORDED, reason="PAGE_SOURCES names no folder of recorded *.xml to parse")
def test_everything_a_recorded_source_says_is_found() -> None:
    sources = [file.read_text() for file in Path(RECORDED).glob("*.xml")]
    windows = [source for source in sources if "<hierarchy" in source]
    assert windows, f"{RECORDED} has no *.xml of Android in it"
    for source in windows:
        tree = android_tree(source, pixel_ratio=2.625)
        said = {node.label for node in tree} | {f"{node.value}, {node.label}" for node in tree}
        described = {unescape(text) for text in re.findall(r'content-desc="([^"]+)"', source)}
        assert described
        assert described - said == set()
        assert tree.screen.width > 300
        assert all(node.visible for node in tree if node.label)
