"""An app that is a part of a page: in a frame, in an element, several at once; and HTML in an app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flutter_bridge import Box, Finder, NotFound, Role, by
from flutter_bridge.web import WebApp
from tests.flutter_bridge.test_web_covers import node, page, tappable, took, view
from tests.site_server import Answer, Site

Serve = Callable[[Site], Awaitable[str]]
Show = Callable[[str], Awaitable[WebApp]]

SAYING_SO = """
    <script>addEventListener("click", ({ target }) => {
        const node = target.closest("[flt-tappable]");
        node?.setAttribute("aria-label", `${node.getAttribute("aria-label")} pressed`);
    }, true);</script>
"""
FIELD = node(
    7, (20, 100, 200, 40), '<input aria-label="Name" style="width:200px; height:40px; box-sizing:border-box">'
)


def app_page(*nodes: str) -> str:
    """The document of an app in a frame, which says so when something of it was pressed."""
    return f"<style>body {{ margin: 0 }}</style>{view(*nodes)}{SAYING_SO}"


def framing(html: str, inner: str) -> Site:
    """A page at `/` and the document of the frame in it at `/inner`."""
    return lambda request: Answer(inner if request.path == "/inner" else html)


async def box_of(app: WebApp, finder: Finder) -> Box:
    return (await app.find(finder)).box


# -- an app in a frame


async def test_an_app_in_a_frame_is_read_and_operated_where_the_page_shows_it(
    serve_site: Serve, open_page: Any
) -> None:
    inner = app_page(tappable(3, (20, 10, 200, 40), "Save"), FIELD)
    frame = "position:absolute; left:60px; top:50px; width:300px; height:200px; border:5px solid; padding:3px"
    outer = f'<h1 style="margin:0">Shop</h1><iframe src="/inner" style="{frame}"></iframe>'
    async with open_page(await serve_site(framing(outer, inner))) as app:
        assert await box_of(app, by.label("Save")) == Box(60 + 5 + 3 + 20, 50 + 5 + 3 + 10, 200, 40)
        await app.find(by.role(Role.HEADING, name="Shop"))
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))
        await app.enter_text(by.label("Name"), "Ada")
        assert (await app.find(by.label("Name"))).value == "Ada"


async def test_a_frame_that_is_scaled_has_its_boxes_scaled(serve_site: Serve, open_page: Any) -> None:
    inner = app_page(tappable(3, (20, 10, 200, 40), "Save"))
    frame = "width:300px; height:200px; border:0; transform:scale(0.5); transform-origin:0 0; display:block"
    outer = f'<style>body {{ margin: 0 }}</style><iframe src="/inner" style="{frame}"></iframe>'
    async with open_page(await serve_site(framing(outer, inner))) as app:
        assert await box_of(app, by.label("Save")) == Box(10, 5, 100, 20)
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))


async def test_what_a_frame_cuts_off_is_out_of_sight(serve_site: Serve, open_page: Any) -> None:
    inner = app_page(tappable(3, (0, 0, 50, 40), "In"), tappable(4, (0, 150, 50, 40), "Out"))
    outer = '<iframe src="/inner" style="width:300px; height:100px; border:0"></iframe>'
    async with open_page(await serve_site(framing(outer, inner))) as app:
        await app.find(by.label("In"))
        assert not (by.label("Out").first_match_in(await app.semantics()) or pytest.fail("gone")).visible


async def test_an_app_in_a_frame_that_the_page_covers_is_not_tapped(
    serve_site: Serve, open_page: Any
) -> None:
    inner = app_page(tappable(3, (0, 0, 100, 40), "Save"))
    outer = """
        <iframe src="/inner" style="width:300px; height:100px; border:0"></iframe>
        <div id=cookies style="position:fixed; inset:0"></div>
    """
    async with open_page(await serve_site(framing(outer, inner))) as app:
        with pytest.raises(NotFound, match='is covered by <div id="cookies">'):
            await app.tap(by.label("Save"), timeout=0.2)


async def test_an_app_in_a_frame_is_asked_for_its_semantics(serve_site: Serve, open_page: Any) -> None:
    inner = """
        <flutter-view></flutter-view><flt-semantics-placeholder></flt-semantics-placeholder>
        <script>
            const placeholder = document.querySelector("flt-semantics-placeholder");
            placeholder.addEventListener("click", () => {
                document.body.innerHTML = "<flt-semantics>On</flt-semantics>";
            });
        </script>
    """
    async with open_page(await serve_site(framing('<iframe src="/inner"></iframe>', inner))) as app:
        await app.find(by.text("On"))


async def test_going_back_in_a_frame(serve_site: Serve, open_page: Any) -> None:
    inner = (
        app_page(tappable(3, (0, 0, 100, 40), "First"))
        + """
        <script>
            const show = () => {
                document.querySelector("[aria-label]").setAttribute("aria-label", history.state ?? "First");
            };
            addEventListener("popstate", show);
            history.pushState("Second", "", "#second");
            show();
        </script>
    """
    )
    async with open_page(await serve_site(framing('<iframe src="/inner"></iframe>', inner))) as app:
        await app.find(by.label("Second"))
        await app.back()
        await app.find(by.label("First"))


# -- an app in an element of a page, and several of them

SAVE = tappable(3, (20, 10, 100, 40), "Save")


HOST = "position:absolute; left:{left}px; top:{top}px; width:200px; height:150px"


def embedded(*nodes: str, left: int = 0, top: int = 0, more: str = "") -> str:
    """A host element with a view of the engine's in it, as the engine styles it there."""
    inside = view(*nodes, style="position:relative; width:100%; height:100%; overflow:hidden")
    style = f"{HOST.format(left=left, top=top)}; {more}"
    return f'<div flt-embedding="custom-element" style="{style}">{inside}</div>'


async def test_an_app_in_an_element_lies_in_the_page_and_is_cut_off_there(show_page: Show) -> None:
    nodes = (tappable(3, (20, 10, 100, 40), "Save"), tappable(4, (20, 140, 100, 40), "Cut"))
    app = await show_page(page(embedded(*nodes, left=100, top=70), "<nav><a href=/help>Help</a></nav>"))
    assert await box_of(app, by.label("Save")) == Box(120, 80, 100, 40)
    assert await box_of(app, by.label("Cut")) == Box(120, 210, 100, 10)
    assert (await app.find(by.role(Role.LINK, name="Help"))).visible
    await app.tap(by.label("Save"))
    assert await took(app) == ["Save"]


async def test_the_same_name_in_two_apps_of_a_page_is_two_nodes(show_page: Show) -> None:
    """Each app numbers its nodes by itself."""
    left, right = (tappable(3, (20, 10, 100, 40), label) for label in ("Left", "Right"))
    app = await show_page(page(embedded(left), embedded(right, left=200)))
    await app.tap(by.label("Right"))
    await app.tap(by.label("Left"))
    assert await took(app) == ["Right", "Left"]


async def test_every_app_on_a_page_is_asked_for_its_semantics(show_page: Show) -> None:
    """The second starts when the first is there already."""
    app = await show_page(page(embedded(tappable(3, (20, 10, 100, 40), "First"))))
    await app.find(by.label("First"))
    await app.page.evaluate("""() => {
        const placeholder = document.createElement("flt-semantics-placeholder");
        document.body.prepend(placeholder);
        let clicks = 0;
        placeholder.addEventListener("click", () => {
            if (++clicks < 2) return;
            placeholder.remove();
            document.body.insertAdjacentHTML("beforeend", "<flt-semantics>Second</flt-semantics>");
        });
    }""")
    await app.find(by.text("Second"))


async def test_a_page_is_scrolled_to_the_app_in_it(serve_site: Serve, open_page: Any) -> None:
    place = f"<div style='position:relative; height:200px'>{embedded(SAVE)}</div>"
    html = f"<p style='height:900px'>Story</p>{place}"
    async with open_page(await serve_site(lambda _: Answer(html + SAYING_SO))) as app:
        await app.scroll_to(by.label("Save"))
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))


async def test_a_page_is_scrolled_beside_the_app_in_it_which_keeps_the_wheel_for_itself(
    serve_site: Serve, open_page: Any
) -> None:
    keeping = """<script>document.querySelector("flutter-view").addEventListener("wheel", (event) => {
        event.preventDefault();
    }, { passive: false })</script>"""
    app_itself = embedded(SAVE, more="width:400px; height:200px")
    place = f"<div style='position:relative; height:200px'>{app_itself}</div>"
    html = f"{place}<p style='height:900px'>Story</p><button>Buy</button>{keeping}"
    async with open_page(await serve_site(lambda _: Answer(html))) as app:
        assert (await app.scroll_to(by.text("Buy"))).visible


async def test_what_a_page_shows_below_the_apps_view_is_out_of_sight(show_page: Show) -> None:
    """Such as what it shows until the app is there, and forgets to take away."""
    splash = "<p>Loading</p><button>Wait</button>"
    app = await show_page(page(splash, view(tappable(3, (20, 180, 360, 60), "Save"))))
    tree = await app.semantics()
    for text in ("Loading", "Wait"):
        found = by.text(text).first_match_in(tree)
        assert found is not None
        assert not found.visible


# -- HTML in an app: platform views


def platform_view(number: int, html: str, box: tuple[int, int, int, int]) -> str:
    """What the engine makes of a platform view: a slot in what it paints, and beside it what is in that."""
    left, top, width, height = box
    slot = (
        f'<flt-platform-view-slot style="position:absolute; left:{left}px; top:{top}px; width:{width}px; '
        f'height:{height}px; pointer-events:auto"><slot name="flt-pv-slot-{number}"></slot>'
        "</flt-platform-view-slot>"
    )
    content = (
        f'<flt-platform-view id="flt-pv-{number}" slot="flt-pv-slot-{number}" '
        f'style="display:block; width:100%; height:100%">{html}</flt-platform-view>'
    )
    owner = node(
        50 + number, box, "", f'aria-owns="flt-pv-{number}" flt-semantics-identifier="view-{number}"'
    ).replace("position:", "pointer-events:none; position:")
    return f"""
        <flutter-view style="display:block; position:absolute; inset:0"><flt-glass-pane
            style="position:absolute; inset:0">{content}</flt-glass-pane>
            <flt-semantics-host style="position:absolute; left:0; top:0">{owner}
            {tappable(3, (20, 220, 360, 60), "Save")}</flt-semantics-host></flutter-view>
        <script>document.querySelector("flt-glass-pane").attachShadow({{ mode: "open" }}).innerHTML =
            `<flt-scene-host aria-hidden=true style="pointer-events:none">{slot}</flt-scene-host>`</script>
    """


async def test_a_field_in_a_platform_view_is_found_and_filled_where_it_is(show_page: Show) -> None:
    field = '<label>Card <input style="width:150px"></label> <button aria-label=Pay>Pay</button>'
    app = await show_page(page(platform_view(1, field, (20, 30, 360, 100))))
    card = await app.find(by.role(Role.TEXT_FIELD, name="Card").within(by.identifier("view-1")))
    assert card.box.intersection(Box(20, 30, 360, 100)) == card.box
    await app.enter_text(by.label("Card"), "4242")
    assert (await app.find(by.label("Card"))).value == "4242"
    await app.tap(by.label("Pay"))
    await app.tap(by.label("Save"))
    assert (await took(app))[-2:] == ["Pay", "Save"]


async def test_what_is_in_a_frame_in_a_platform_view_is_found_and_pressed(show_page: Show) -> None:
    frame = """<iframe style="width:360px; height:100px; border:0"
        srcdoc="<button style='margin:0' onclick='this.textContent = `Paid`'>Pay</button>"></iframe>"""
    app = await show_page(page(platform_view(1, frame, (20, 30, 360, 100))))
    await app.tap(by.text("Pay"))
    await app.find(by.text("Paid"))


async def test_html_of_a_platform_view_over_a_node_keeps_it_from_being_tapped(show_page: Show) -> None:
    html = '<div id="map" style="width:100%; height:100%"></div>'
    app = await show_page(page(platform_view(1, html, (0, 150, 400, 150))))
    await app.page.evaluate("document.querySelector('flt-glass-pane').style.zIndex = 9")
    with pytest.raises(NotFound, match="is covered by"):
        await app.tap(by.label("Save"), timeout=0.2)
