"""The markup of the web engine's versions, rendered by a browser and read by the bridge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from flutter_bridge import Box, Node, Role, by
from flutter_bridge.web import SCRIPT, PageReading

ReadMarkup = Callable[[str], Awaitable[PageReading]]

AT = "position:absolute; left:10px; top:20px; width:100px; height:40px"


@pytest.fixture
def read_node(read_markup: ReadMarkup) -> Callable[[str], Awaitable[Node]]:
    async def read(markup: str) -> Node:
        snapshot = await read_markup(markup)
        return snapshot.tree.root.children[0]

    return read


ReadNode = Callable[[str], Awaitable[Node]]

TEXTS = {
    "3.19": f'<flt-semantics id="n" role="text" aria-label="Hello" style="{AT}"></flt-semantics>',
    "3.22": f'<flt-semantics id="n" role="text" style="{AT}">Hello</flt-semantics>',
    "3.24": f'<flt-semantics id="n" style="{AT}"><span style="scale:3 2">Hello</span></flt-semantics>',
}


@pytest.mark.parametrize("version", TEXTS)
async def test_a_text(read_node: ReadNode, version: str) -> None:
    node = await read_node(TEXTS[version])
    assert (node.role, node.label, node.box, node.ref) == (Role.TEXT, "Hello", Box(10, 20, 100, 40), "n")


BUTTONS = {
    "3.19": f'<flt-semantics role="button" aria-label="Save" style="{AT}" flt-tappable></flt-semantics>',
    "3.22": f'<flt-semantics role="button" style="{AT}" flt-tappable>Save</flt-semantics>',
}


@pytest.mark.parametrize("version", BUTTONS)
async def test_a_button(read_node: ReadNode, version: str) -> None:
    node = await read_node(BUTTONS[version])
    assert (node.role, node.label, node.enabled) == (Role.BUTTON, "Save", True)


async def test_a_disabled_button(read_node: ReadNode) -> None:
    node = await read_node('<flt-semantics role="button" aria-disabled="true">Save</flt-semantics>')
    assert not node.enabled


HEADINGS = {
    "3.19": '<flt-semantics role="heading" aria-label="News"></flt-semantics>',
    "3.27": '<h2 id="flt-semantic-node-3">News</h2>',
}


@pytest.mark.parametrize("version", HEADINGS)
async def test_a_heading(read_node: ReadNode, version: str) -> None:
    node = await read_node(HEADINGS[version])
    assert (node.role, node.label) == (Role.HEADING, "News")


async def test_a_link(read_node: ReadNode) -> None:
    node = await read_node('<a id="flt-semantic-node-3" href="/x">More</a>')
    assert (node.role, node.label) == (Role.LINK, "More")


IMAGES = {
    "leaf": f'<flt-semantics role="img" aria-label="Avatar of Ada" style="{AT}"></flt-semantics>',
    "with children": f"""
        <flt-semantics flt-semantics-identifier="avatar" style="{AT}">
          <flt-semantics-img role="img" aria-label="Avatar of Ada"></flt-semantics-img>
          <flt-semantics role="img" style="width:100px; height:40px; display:block"></flt-semantics>
        </flt-semantics>""",
}


@pytest.mark.parametrize("form", IMAGES)
async def test_an_image(read_node: ReadNode, form: str) -> None:
    node = await read_node(IMAGES[form])
    assert (node.role, node.label, node.children) == (Role.IMAGE, "Avatar of Ada", ())


CHECKED = [("checkbox", Role.CHECKBOX), ("switch", Role.SWITCH), ("radio", Role.RADIO)]


@pytest.mark.parametrize(("written", "role"), CHECKED)
@pytest.mark.parametrize("checked", [True, False])
async def test_what_can_be_checked(read_node: ReadNode, written: str, role: Role, *, checked: bool) -> None:
    node = await read_node(
        f'<flt-semantics role="{written}" aria-label="Agree" aria-checked="{str(checked).lower()}">'
        "</flt-semantics>"
    )
    assert (node.role, node.label, node.checked) == (role, "Agree", checked)


@pytest.mark.parametrize("expanded", [True, False])
async def test_what_can_be_opened(read_node: ReadNode, *, expanded: bool) -> None:
    node = await read_node(
        f'<flt-semantics role="button" aria-label="More" aria-expanded="{str(expanded).lower()}">'
        "</flt-semantics>"
    )
    assert (node.label, node.expanded, node.checked) == ("More", expanded, None)


async def test_what_cannot_be_opened_is_neither_open_nor_closed(read_node: ReadNode) -> None:
    assert (await read_node(BUTTONS["3.22"])).expanded is None


async def test_what_cannot_be_checked_is_neither(read_node: ReadNode) -> None:
    assert (await read_node(BUTTONS["3.22"])).checked is None


@pytest.mark.parametrize("after_a_tap", ["", "disabled"])
async def test_a_slider(read_node: ReadNode, after_a_tap: str) -> None:
    node = await read_node(
        '<flt-semantics aria-label="Volume">'
        f'<input type="range" role="slider" aria-valuetext="40%" {after_a_tap}></flt-semantics>'
    )
    assert (node.role, node.label, node.value, node.enabled) == (Role.SLIDER, "Volume", "40%", True)


@pytest.mark.parametrize("element", ["input", "textarea"])
async def test_a_text_field(read_node: ReadNode, element: str) -> None:
    node = await read_node(
        f'<flt-semantics flt-semantics-identifier="name" style="{AT}">'
        f'<flt-semantics id="flt-semantic-node-4" style="{AT}; left:0; top:0">'
        f'<{element} data-semantics-role="text-field" aria-label="Name" aria-description="As you like">'
        f"</{element}></flt-semantics></flt-semantics>"
    )
    assert (node.role, node.identifier, node.label) == (Role.TEXT_FIELD, "name", "Name")
    assert (node.hint, node.obscured, node.ref) == ("As you like", False, "flt-semantic-node-4")


async def test_a_password_field(read_node: ReadNode) -> None:
    node = await read_node('<flt-semantics><input type="password" aria-label="Password"></flt-semantics>')
    assert node.obscured


async def test_a_disabled_text_field(read_node: ReadNode) -> None:
    node = await read_node("<flt-semantics><input disabled></flt-semantics>")
    assert not node.enabled


SELECTED = ['role="tab" aria-selected="true"', 'aria-current="true"']


@pytest.mark.parametrize("attribute", SELECTED)
async def test_what_is_selected(read_node: ReadNode, attribute: str) -> None:
    assert (await read_node(f"<flt-semantics {attribute}>Feed</flt-semantics>")).selected


async def test_an_icon_buttons_tooltip_is_on_its_parent(read_node: ReadNode) -> None:
    node = await read_node(
        f'<flt-semantics aria-label="Star it" style="{AT}">'
        f'<flt-semantics role="button" style="{AT}; left:0; top:0"></flt-semantics></flt-semantics>'
    )
    assert (node.role, node.label) == (Role.BUTTON, "Star it")


async def test_a_groups_text_is_in_its_label(read_markup: ReadMarkup) -> None:
    tree = (
        await read_markup(
            f'<flt-semantics role="group" aria-label="Ada\nHello">{BUTTONS["3.22"]}</flt-semantics>'
        )
    ).tree
    group = by.text("Hello").first_match_in(tree)
    assert group is not None
    assert (group.role, len(group.children)) == (Role.GROUP, 1)


PANES = {
    "3.29, which lays in a strip across": """
        <flt-semantics id="pane" role="group"
            style="position:absolute; width:200px; height:100px; overflow-y:scroll">
          <flt-semantics-scroll-overflow style="position:absolute; width:200px; height:10px">
          </flt-semantics-scroll-overflow>
          <flt-semantics-container style="position:absolute">{}</flt-semantics-container>
        </flt-semantics>""",
    "3.29": """
        <flt-semantics id="pane" role="group"
            style="position:absolute; width:200px; height:100px; overflow-y:scroll">
          <flt-semantics-scroll-overflow style="position:absolute; width:1px; height:400px">
          </flt-semantics-scroll-overflow>
          <flt-semantics-container style="position:absolute">{}</flt-semantics-container>
        </flt-semantics>""",
    "3.32": """
        <flt-semantics id="pane" role="group"
            style="position:absolute; width:200px; height:100px; overflow-y:scroll">
          <flt-semantics-scroll-overflow style="position:absolute; width:1px; height:400px">
          </flt-semantics-scroll-overflow>
          {}
        </flt-semantics>""",
}


def row(top: int) -> str:
    return (
        f'<flt-semantics flt-semantics-identifier="row-{top}" '
        f'style="position:absolute; left:0; top:{top}px; width:200px; height:50px">Row</flt-semantics>'
    )


@pytest.mark.parametrize("version", PANES)
async def test_a_scrollable_cuts_off_what_is_in_it(read_markup: ReadMarkup, version: str) -> None:
    tree = (await read_markup(PANES[version].format(row(0) + row(75) + row(150)))).tree
    pane = by.role(Role.SCROLLABLE).first_match_in(tree)
    whole, cut, hidden = (by.identifier(f"row-{top}").first_match_in(tree) for top in (0, 75, 150))
    assert pane is not None
    assert whole is not None
    assert cut is not None
    assert hidden is not None
    assert (pane.scrolls, pane.box) == ("vertical", Box(0, 0, 200, 100))
    assert (whole.visible, whole.box) == (True, Box(0, 0, 200, 50))
    assert (cut.visible, cut.box) == (True, Box(0, 75, 200, 25))
    assert (hidden.visible, hidden.box) == (False, Box(0, 150, 200, 50))


async def test_a_sideways_scrollable(read_markup: ReadMarkup) -> None:
    tree = (
        await read_markup(
            '<flt-semantics role="group"'
            ' style="position:absolute; width:200px; height:50px; overflow-x:scroll">'
            '<flt-semantics-scroll-overflow style="position:absolute; height:1px; width:900px">'
            f"</flt-semantics-scroll-overflow>{row(0)}{row(1)}</flt-semantics>"
        )
    ).tree
    pane = by.role(Role.SCROLLABLE).first_match_in(tree)
    assert pane is not None
    assert pane.scrolls == "horizontal"


async def test_what_lies_off_the_screen_is_not_visible(read_node: ReadNode) -> None:
    node = await read_node(f'<flt-semantics style="{AT}; top:300px">Below</flt-semantics>')
    assert (node.visible, node.box.top) == (False, 300)


async def test_boxes_are_logical_pixels_whatever_the_engine_scales_by(read_markup: ReadMarkup) -> None:
    snapshot = await read_markup(
        '<div style="transform:scale(0.5); transform-origin:0 0">'
        f'<flt-semantics style="{AT}">Half</flt-semantics></div>'
    )
    assert snapshot.tree.root.children[0].box == Box(5, 10, 50, 20)


@pytest.mark.parametrize("role", ["dialog", "alertdialog"])
async def test_a_dialog(read_node: ReadNode, role: str) -> None:
    inside = "<flt-semantics>Sure?</flt-semantics><flt-semantics>Yes</flt-semantics>"
    node = await read_node(f'<flt-semantics role="{role}" aria-label="Alert">{inside}</flt-semantics>')
    assert (node.role, node.label, len(node.children)) == (Role.DIALOG, "Alert", 2)


async def test_an_older_engines_shadow_root_is_looked_into(read_markup: ReadMarkup) -> None:
    snapshot = await read_markup(
        '<flt-glass-pane><template shadowrootmode="open"></template></flt-glass-pane>'
        "<script>document.querySelector('flt-glass-pane').attachShadow({mode: 'open'}).innerHTML ="
        " '<flt-semantics-host><flt-semantics>Inside</flt-semantics></flt-semantics-host>'</script>"
    )
    assert by.text("Inside").first_match_in(snapshot.tree) is not None


async def test_a_page_without_semantics_is_not_ready(read_markup: ReadMarkup) -> None:
    assert not (await read_markup("")).is_ready
    assert (await read_markup("<flt-semantics></flt-semantics>")).is_ready


async def test_a_page_that_paints_no_frames_is_not_waited_for_without_end(page: Page) -> None:
    await page.add_init_script("globalThis.requestAnimationFrame = () => 0;" + SCRIPT)
    await page.goto("data:text/html,<flt-semantics id=a><input value=kept></flt-semantics>")
    async with asyncio.timeout(30):
        assert await page.evaluate("__flutterBridge.holds('a', 2, 100)") == "kept"
