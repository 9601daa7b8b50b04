"""Frames of other origins: an app in somebody else's page, somebody else's form in the app's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flutter_bridge import Box, NotFound, Role, by
from tests.flutter_bridge.test_web_covers import page, tappable, took, view
from tests.flutter_bridge.test_web_embedded import FIELD, SAYING_SO, app_page, platform_view
from tests.site_server import Answer, Site

Serve = Callable[[Site], Awaitable[str]]
Show = Callable[[str], Awaitable[Any]]

PLACE = "position:absolute; left:60px; top:50px; width:300px; height:200px; border:5px solid; padding:3px"
SAVE = tappable(3, (20, 10, 200, 40), "Save")


@pytest.fixture
def serve_elsewhere(serve_site: Serve) -> Callable[..., Awaitable[str]]:
    """Return a function that serves a document on another site than 127.0.0.1, and returns its address."""

    async def serve(html: str) -> str:
        return (await serve_site(lambda _: Answer(html))).replace("127.0.0.1", "localhost")

    return serve


def framing(address: str, style: str = PLACE, more: str = "") -> Site:
    """A page with a frame in it that shows an address."""
    frame = f'<iframe id=inner src="{address}" style="{style}"></iframe>'
    return lambda _: Answer(f"<style>body {{ margin: 0 }}</style>{frame}{more}")


async def test_an_app_in_a_frame_is_read_and_operated_where_the_page_shows_it(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    inner = await serve_elsewhere(app_page(SAVE, FIELD))
    more = "<h1 style='margin:0'>Shop</h1>"
    async with open_page(await serve_site(framing(f"{inner}/?token=secret", more=more))) as app:
        save = await app.find(by.label("Save").within(by.identifier("inner")))
        assert save.box == Box(60 + 5 + 3 + 20, 50 + 5 + 3 + 10, 200, 40)
        await app.find(by.role(Role.HEADING, name="Shop"))
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))
        await app.enter_text(by.label("Name"), "Ada")
        assert (await app.find(by.label("Name"))).value == "Ada"


async def test_frames_in_frames_of_both_kinds(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    """A page of here holds one of there, which holds one of here again, as in a shop's checkout."""
    innermost = await serve_site(lambda _: Answer(app_page(SAVE, FIELD)))
    place = "position:absolute; left:10px; top:20px; width:260px; height:160px; border:0"
    middle = await serve_elsewhere(f"<body><iframe src='{innermost}' style='{place}'></iframe>")
    outer = "position:absolute; left:40px; top:30px; width:300px; height:200px; border:0"
    async with open_page(await serve_site(framing(middle, outer))) as app:
        assert (await app.find(by.label("Save"))).box == Box(40 + 10 + 20, 30 + 20 + 10, 200, 40)
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))
        await app.enter_text(by.label("Name"), "Ada")


async def test_a_frame_that_is_scaled_has_its_boxes_scaled(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    inner = await serve_elsewhere(app_page(SAVE))
    style = "width:300px; height:200px; border:0; transform:scale(0.5); transform-origin:0 0; display:block"
    async with open_page(await serve_site(framing(inner, style))) as app:
        assert (await app.find(by.label("Save"))).box == Box(10, 5, 100, 20)
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))


async def test_what_the_page_cuts_off_a_frame_is_out_of_sight(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    cut, out = tappable(3, (0, 60, 50, 40), "Cut"), tappable(4, (0, 150, 50, 40), "Out")
    inner = await serve_elsewhere(app_page(cut, out))
    style = "width:300px; height:400px; border:0; position:absolute; top:-80px"
    async with open_page(await serve_site(framing(inner, style))) as app:
        assert (await app.find(by.label("Cut"))).box == Box(0, 0, 50, 20)
    style = "width:300px; height:100px; border:0"
    async with open_page(await serve_site(framing(inner, style))) as app:
        await app.find(by.label("Cut"))
        hidden = by.label("Out").first_match_in(await app.semantics())
        assert hidden is not None
        assert not hidden.visible


async def test_what_the_page_lays_over_a_frame_keeps_it_from_being_tapped(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    inner = await serve_elsewhere(app_page(SAVE))
    cookies = "<div id=cookies style='position:fixed; inset:0'></div>"
    async with open_page(await serve_site(framing(inner, more=cookies))) as app:
        with pytest.raises(NotFound, match='is covered by <div id="cookies">'):
            await app.tap(by.label("Save"), timeout=0.3)
        await app.page.evaluate("document.getElementById('cookies').style.width = '180px'")
        await app.tap(by.label("Save"))
        await app.find(by.label("Save pressed"))


async def test_what_changes_in_a_frame_is_heard_of(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    later = """<p id=clock>Wait</p>
        <script>setTimeout(() => { clock.textContent = "Ready"; }, 1200)</script>"""
    inner = await serve_elsewhere(later)
    async with open_page(await serve_site(framing(inner, more="<button>Go</button>"))) as app:
        await app.find(by.text("Ready"))


async def test_an_app_that_starts_late_in_a_frame_is_waited_for(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    starting = """
        <flutter-view></flutter-view><flt-semantics-placeholder></flt-semantics-placeholder>
        <script>
            const placeholder = document.querySelector("flt-semantics-placeholder");
            const start = () => { document.body.innerHTML = "<flt-semantics>On</flt-semantics>"; };
            placeholder.addEventListener("click", () => setTimeout(start, 1800));
        </script>
    """
    inner = await serve_elsewhere(starting)
    async with open_page(await serve_site(framing(inner, more="<a href='/'>Home</a>"))) as app:
        assert by.text("On").first_match_in(await app.semantics()) is not None


async def test_a_frame_whose_page_can_not_be_had_is_named(serve_site: Serve, open_page: Any) -> None:
    site = framing("https://pay.example/form?token=secret", more="<a href='/'>Home</a>")
    async with open_page(await serve_site(site)) as app:
        problem = r"ordinary HTML .*; its frame https://pay.example/form can't be looked into"
        with pytest.raises(NotFound, match=problem):
            await app.tap(by.label("Save"), timeout=0.3)


async def test_a_frame_that_goes_elsewhere_and_one_that_is_taken_away(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    second = await serve_elsewhere("<button>Pay</button>")
    inner = await serve_elsewhere(f"<a href='{second}'>Next</a>")
    async with open_page(await serve_site(framing(inner, more="<button>Go</button>"))) as app:
        await app.tap(by.text("Next"))
        await app.tap(by.text("Pay"))
        await app.page.evaluate("document.getElementById('inner').remove()")
        await app.wait_until_gone(by.text("Pay"))


async def test_a_page_in_a_frame_is_scrolled(serve_site: Serve, serve_elsewhere: Any, open_page: Any) -> None:
    inner = await serve_elsewhere("<p style='height:900px'>Story</p><button>Buy</button>")
    async with open_page(await serve_site(framing(inner, more="<button>Go</button>"))) as app:
        await app.scroll_to(by.text("Buy"))
        await app.tap(by.text("Buy"))


async def test_going_back_in_a_frame(serve_site: Serve, serve_elsewhere: Any, open_page: Any) -> None:
    steps = """<p id=place>First</p><script>
        addEventListener("popstate", () => { place.textContent = history.state ?? "First"; });
        history.pushState("Second", "", "#second");
        place.textContent = "Second";
    </script>"""
    inner = await serve_elsewhere(steps)
    async with open_page(await serve_site(framing(inner, more="<button>Go</button>"))) as app:
        await app.find(by.text("Second"))
        await app.back()
        await app.find(by.text("First"))


async def test_a_field_that_a_frame_was_left_with_has_the_focus_no_more(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    inner = await serve_elsewhere("<label>Card <input></label>")
    async with open_page(await serve_site(framing(inner, more="<label>Name <input></label>"))) as app:
        await app.enter_text(by.label("Card"), "4242")
        assert (await app.find(by.label("Card"))).focused
        await app.enter_text(by.label("Name"), "Ada")
        assert not (await app.find(by.label("Card"))).focused
        await app.enter_text(by.label("Card"), "5454")
        assert (await app.find(by.label("Name"))).value == "Ada"


async def test_a_payment_form_in_an_app_is_filled_and_pressed(show_page: Show, serve_elsewhere: Any) -> None:
    """Of another origin, in a platform view: what most apps on the web have of that kind."""
    form = await serve_elsewhere("""
        <label>Card <input style="width:150px"></label>
        <button onclick="this.textContent = 'Paid'">Pay</button>
    """)
    frame = f'<iframe src="{form}" style="width:360px; height:100px; border:0"></iframe>'
    app = await show_page(page(platform_view(1, frame, (20, 30, 360, 100))))
    await app.enter_text(by.label("Card").within(by.identifier("view-1")), "4242")
    await app.tap(by.text("Pay"))
    await app.find(by.text("Paid"))
    await app.tap(by.label("Save"))
    assert (await took(app))[-1:] == ["Save"]


async def test_an_app_of_an_engine_is_told_by_its_view(
    serve_site: Serve, serve_elsewhere: Any, open_page: Any
) -> None:
    """What only its frame's document has makes the page one with an app, whatever else is on it."""
    inner = await serve_elsewhere(view(SAVE) + SAYING_SO)
    async with open_page(await serve_site(framing(inner, more="<a href='/'>Home</a>"))) as app:
        with pytest.raises(NotFound) as caught:
            await app.find(by.label("Nowhere"), timeout=0.1)
        assert "ordinary HTML" not in str(caught.value)
