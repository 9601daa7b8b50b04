"""What lies over an app in a page: HTML of the page's own, and what the engine's markup says is on top."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flutter_bridge import ActionFailed, AppUnreachable, Box, Interval, NotFound, by, now
from flutter_bridge.web import BrowserDriver, WebApp

Show = Callable[[str], Awaitable[WebApp]]

NODE = "position:absolute; left:%dpx; top:%dpx; width:%dpx; height:%dpx"
BANNER = "position:fixed; left:0; right:0; bottom:0; height:%dpx; z-index:9999"


def node(number: int, box: tuple[int, int, int, int], inside: str = "", attributes: str = "") -> str:
    style = NODE % box
    start = f'<flt-semantics id="flt-semantic-node-{number}" style="{style}" {attributes}>'
    return f"{start}{inside}</flt-semantics>"


def tappable(
    number: int, box: tuple[int, int, int, int], label: str, inside: str = "", more: str = ""
) -> str:
    attributes = f'role="button" flt-tappable aria-label="{label}" flt-semantics-identifier="{label.lower()}"'
    return node(number, box, inside, f"{attributes} {more}")


def view(*nodes: str, style: str = "") -> str:
    """A view of the engine's: what it paints, and the nodes above."""
    host = '<flt-semantics-host style="position:absolute; left:0; top:0">'
    return (
        f'<flutter-view style="display:block; position:absolute; inset:0; {style}"><flt-glass-pane>'
        f"</flt-glass-pane>{host}{''.join(nodes)}</flt-semantics-host></flutter-view>"
    )


def page(*parts: str) -> str:
    """A page that notes which of its elements were touched: `took` has the id or the label of each."""
    script = """
        var took = [];
        addEventListener("click", ({ target }) =>
            took.push(target.closest("[aria-label]")?.getAttribute("aria-label") ?? target.id), true);
    """
    return f"<style>body {{ margin: 0 }}</style><script>{script}</script>{''.join(parts)}"


SAVE = tappable(3, (20, 180, 360, 60), "Save")


async def took(app: WebApp) -> Any:
    return await app.page.evaluate("took")


SHADOW = """
    <cookie-consent></cookie-consent>
    <script>
        document.querySelector("cookie-consent").attachShadow({ mode: "%s" }).innerHTML =
            '<div style="position:fixed; inset:0; z-index:9999"><button>Accept</button></div>';
    </script>
"""
COVERS = {
    "a banner": (f'<div id="cookies" style="{BANNER % 140}">We use cookies</div>', '<div id="cookies">'),
    "a button of a banner": (
        f'<div id="cookies"><button style="{BANNER % 140}; width:100%">Yes</button></div>',
        '<div id="cookies">',
    ),
    "a banner without an id": (
        f'<main class="app"><p class="consent" style="{BANNER % 140}"><b>Yes</b></p></main>',
        '<main class="app">',
    ),
    "a transparent splash": (
        '<div id="splash" style="position:fixed; inset:0; opacity:0"></div>',
        '<div id="splash">',
    ),
    "an iframe": (
        f'<iframe title="Chat" style="{BANNER % 140}; width:100%"></iframe>',
        '<iframe title="Chat">',
    ),
    "an open shadow root": (SHADOW % "open", "<cookie-consent>"),
    "a closed shadow root": (SHADOW % "closed", "<cookie-consent>"),
    "another view of the engine's": (
        view(node(9, (0, 0, 400, 300), "Help")).replace("<flutter-view", '<flutter-view id="help"'),
        '<flutter-view id="help">',
    ),
    "a modal dialog of the page": (
        '<dialog id="terms" style="width:400px; height:300px"></dialog><script>terms.showModal()</script>',
        '<dialog id="terms">',
    ),
}


@pytest.mark.parametrize("name", COVERS)
async def test_what_stays_over_a_node_keeps_it_from_being_tapped(show_page: Show, name: str) -> None:
    html, label = COVERS[name]
    app = await show_page(page(view(SAVE), html))
    with pytest.raises(NotFound, match=rf'by.identifier\("save"\) is covered by {label} \(waited'):
        await app.tap(by.identifier("save"), timeout=0.2)
    assert await took(app) == []


THROUGH = {
    "pointer-events: none": f'<div id="beta" style="{BANNER % 140}; pointer-events:none">Beta</div>',
    "a banner over the lower half": f'<div id="cookies" style="{BANNER % 95}">We use cookies</div>',
    "a chat bubble in the middle": (
        '<iframe style="position:fixed; left:150px; top:170px; width:100px; height:100px"></iframe>'
    ),
    "a banner that goes once it is looked at": f"""
        <div id="cookies" style="{BANNER % 140}"></div>
        <script>
            const look = document.elementFromPoint.bind(document);
            let looks = 0;
            document.elementFromPoint = (x, y) => {{
                const found = look(x, y);
                if (++looks === 1000) cookies.remove();
                return found;
            }};
        </script>""",
}


@pytest.mark.parametrize("name", THROUGH)
async def test_a_node_that_can_be_touched_is_tapped(show_page: Show, name: str) -> None:
    app = await show_page(page(view(SAVE), THROUGH[name]))
    await app.tap(by.identifier("save"))
    assert await took(app) == ["Save"]


async def test_every_action_that_touches_looks_at_what_is_in_the_way(show_page: Show, tmp_path: Any) -> None:
    field = node(4, (20, 180, 360, 60), '<input style="width:360px; height:60px" aria-label="Name">')
    file = tmp_path / "picture.png"
    file.write_bytes(b"")
    app = await show_page(page(view(field), COVERS["a banner"][0]))
    for action in (
        app.enter_text(by.label("Name"), "Ada", timeout=0.1),
        app.choose_file(by.label("Name"), file, timeout=0.1),
    ):
        with pytest.raises(NotFound, match='is covered by <div id="cookies">'):
            await action
    await app.page.evaluate("document.querySelector('#cookies').style.height = '95px'")
    await app.enter_text(by.label("Name"), "Ada")
    assert (await app.find(by.label("Name"))).value == "Ada"


async def test_what_comes_over_a_node_in_the_moment_of_the_tap_is_told(show_page: Show) -> None:
    """It lies in wait until it was looked at what covers the node."""
    late = f"""
        <div id="cookies" style="{BANNER % 140}; display:none"></div>
        <script>
            const look = document.elementFromPoint.bind(document);
            document.elementFromPoint = (x, y) => {{
                const found = look(x, y);
                cookies.style.display = "block";
                return found;
            }};
        </script>"""
    app = await show_page(page(view(SAVE), late))
    with pytest.raises(ActionFailed, match=r"didn't get the tap: <div id=\"cookies\"> came over it"):
        await app.tap(by.identifier("save"))
    assert await took(app) == ["cookies"]


async def test_a_touch_that_the_browser_keeps_to_itself_is_told(
    show_page: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await show_page(page(view(SAVE), ""))
    await app.tap(by.identifier("save"))

    async def keep(*_: object, **__: object) -> Interval:
        return Interval(now(), now())

    driver = app.driver
    assert isinstance(driver, BrowserDriver)
    for name in ("tap", "touch"):
        monkeypatch.setattr(driver.page, name, keep)
    for action in (app.tap, app.long_press):
        with pytest.raises(AppUnreachable, match=r"didn't get the t.*, nor did anything else"):
            await action(by.identifier("save"))


async def test_an_iframe_that_comes_in_the_moment_of_the_tap_is_told(show_page: Show) -> None:
    """It keeps the event for itself: nothing in the page hears of it."""
    late = f"""
        <iframe id="chat" style="{BANNER % 140}; width:100%; display:none"></iframe>
        <script>
            const look = document.elementFromPoint.bind(document);
            document.elementFromPoint = (x, y) => {{
                const found = look(x, y);
                chat.style.display = "block";
                return found;
            }};
        </script>"""
    app = await show_page(page(view(SAVE), late))
    with pytest.raises(ActionFailed, match=r"didn't get the tap: <iframe id=\"chat\"> came over it"):
        await app.tap(by.identifier("save"))


async def test_a_tap_that_leaves_the_page_is_done(show_page: Show) -> None:
    leave = "<script>addEventListener('click', () => location.reload(), true)</script>"
    app = await show_page(page(view(SAVE), leave))
    await app.tap(by.identifier("save"))
    await app.wait_until_gone(by.identifier("save"))


# -- what the engine's markup says


SWITCH = node(4, (130, 5, 100, 50), "", 'role="switch" flt-tappable aria-label="On" aria-checked="false"')


async def test_a_switch_in_the_middle_of_a_tile_is_left_alone(show_page: Show) -> None:
    tile = tappable(3, (20, 180, 360, 60), "Save", SWITCH)
    app = await show_page(page(view(tile)))
    await app.tap(by.identifier("save"))
    await app.tap(by.label("On"))
    assert await took(app) == ["Save", "On"]


async def test_a_tile_without_a_spot_of_its_own_is_not_tapped(show_page: Show) -> None:
    halves = (
        node(number, (left, 0, 180, 60), "", f'role="button" flt-tappable aria-label="{label}"')
        for number, left, label in ((4, 0, "Left"), (5, 180, "Right"))
    )
    tile = tappable(3, (20, 180, 360, 60), "Save", "".join(halves))
    app = await show_page(page(view(tile)))
    with pytest.raises(NotFound, match='is covered by button "Right"'):
        await app.tap(by.identifier("save"), timeout=0.2)


async def test_a_control_that_fills_a_node_is_the_same(show_page: Show) -> None:
    whole = node(4, (0, 0, 360, 60), "", 'role="button" flt-tappable aria-label="Whole"')
    tile = tappable(3, (20, 180, 360, 60), "Save", whole + node(5, (0, 0, 1, 1)))
    app = await show_page(page(view(tile)))
    await app.tap(by.identifier("save"))
    assert await took(app) == ["Whole"]


async def test_the_markups_order_on_top_counts_and_not_its_reading_order(show_page: Show) -> None:
    bar = node(4, (0, 170, 400, 130), "Undo", 'role="button" flt-tappable').replace(
        "position:absolute", "position:absolute; z-index:2"
    )
    app = await show_page(page(view(bar, SAVE)))
    with pytest.raises(NotFound, match='is covered by button "Undo"'):
        await app.tap(by.identifier("save"), timeout=0.2)


async def test_nodes_that_take_no_pointer_events_are_tapped_on_what_is_painted(show_page: Show) -> None:
    through = SAVE.replace("position:absolute", "position:absolute; pointer-events:none")
    app = await show_page(page(view(through)))
    await app.tap(by.identifier("save"))


async def test_an_embedded_app_is_tapped_where_the_page_shows_it(show_page: Show) -> None:
    """Two views in a page's own layout; a sticky header of the page lies over a part of one."""
    header = (
        '<header id="top" style="position:fixed; left:0; right:0; top:0; height:70px; z-index:5"></header>'
    )
    first = tappable(3, (0, 20, 200, 100), "First")
    second = tappable(4, (0, 20, 200, 100), "Second")
    views = "".join(
        f'<div style="position:absolute; left:{left}px; top:0; width:200px; height:150px">{view(each)}</div>'
        for left, each in ((0, first), (200, second))
    )
    app = await show_page(page(views, header))
    for name in ("first", "second"):
        await app.tap(by.identifier(name))
    assert await took(app) == ["First", "Second"]


PLATFORM_VIEW = (
    '<flt-platform-view id="flt-pv-1" style="position:absolute; left:20px; top:180px; z-index:2">'
    '<iframe title="Map" style="width:360px; height:60px"></iframe></flt-platform-view>'
)


async def test_an_iframe_in_the_app_belongs_to_its_own_node_alone(show_page: Show) -> None:
    own = node(
        6, (20, 180, 360, 60), "", 'aria-owns="flt-pv-1" aria-label="Map" flt-semantics-identifier="map"'
    )
    html = page(view(SAVE, own.replace("position:", "pointer-events:none; position:"), PLATFORM_VIEW))
    app = await show_page(html)
    await app.tap(by.identifier("map"))
    with pytest.raises(NotFound, match='is covered by <iframe title="Map">'):
        await app.tap(by.identifier("save"), timeout=0.2)


# -- the keyboard, and scrolling


KEYBOARD = """
    <script>
        const height = () => (document.activeElement?.matches("input") ? 160 : innerHeight);
        class Seen extends EventTarget { scale = 1; offsetTop = 0; get height() { return height(); } }
        Object.defineProperty(window, "visualViewport", { value: new Seen() });
    </script>
"""


async def test_a_browsers_keyboard_is_hidden_before_what_is_under_it_is_tapped(show_page: Show) -> None:
    field = node(4, (20, 20, 360, 60), '<input style="width:360px; height:60px" aria-label="Name">')
    app = await show_page(page(KEYBOARD, view(field, SAVE)))
    await app.enter_text(by.label("Name"), "Ada")
    assert await app.page.evaluate("visualViewport.height") == 160
    await app.tap(by.identifier("save"))
    assert await app.page.evaluate("visualViewport.height") == 300


async def test_the_wheel_is_turned_where_the_page_lies_over_no_part_of_a_list(show_page: Show) -> None:
    overflow = '<flt-semantics-scroll-overflow style="display:block; width:1px; height:2000px">'
    rows = "".join(
        node(
            10 + number,
            (0, 60 * number, 400, 60),
            f"Row {number}",
            f'flt-semantics-identifier="row-{number}"',
        )
        for number in range(20)
    )
    pane = node(5, (0, 0, 400, 300), f"{overflow}</flt-semantics-scroll-overflow>{rows}", 'role="group"')
    pane = pane.replace("position:absolute", "overflow-y:scroll; position:absolute", 1)
    app = await show_page(page(view(pane), f'<div style="{BANNER % 200}"></div>'))
    row = await app.scroll_to(by.identifier("row-15"))
    assert row.box.intersection(Box(0, 0, 400, 300)) == row.box
