"""Ordinary HTML, as it lies before, after and around an app: the same finders and the same actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import ActionFailed, AppUnreachable, Finder, Node, NotFound, Role, SemanticsMissing, by
from flutter_bridge.clock import now
from flutter_bridge.web import PageReading, WebApp, parse
from tests.flutter_bridge.test_web_app import BOX, START_TIMEOUT_S, flutter
from tests.site_server import Answer, Request, Site, redirect

Serve = Callable[..., Awaitable[str]]
Show = Callable[[str], Awaitable[WebApp]]


@pytest.fixture
def read_html(page: Any) -> Callable[[str], Awaitable[PageReading]]:
    async def read(html: str) -> PageReading:
        await page.set_content(f"<body style='margin:0'>{html}</body>")
        return parse(await page.evaluate("__flutterBridge.read(-1, 0)"))

    return read


ReadHtml = Callable[[str], Awaitable[PageReading]]


def find_in(finder: Finder, reading: PageReading) -> Node:
    node = finder.first_match_in(reading.tree)
    assert node is not None, f"{finder} in {[each.text for each in reading.tree]}"
    return node


# -- what an element is, and what it is called

NAMED = {
    "a button": ("<button>Sign in</button>", Role.BUTTON, "Sign in"),
    "a submit field": ("<input type=submit value='Sign in'>", Role.BUTTON, "Sign in"),
    "an image that submits": ("<input type=image alt='Sign in'>", Role.BUTTON, "Sign in"),
    "a button that holds an icon": (
        "<button><svg aria-hidden=true><text>x</text></svg> <span>Sign</span> <b>in</b></button>",
        Role.BUTTON,
        "Sign in",
    ),
    "a button called by its picture": ("<button><img alt='Sign in'></button>", Role.BUTTON, "Sign in"),
    "an icon button": ("<button title='Sign in'>\N{MULTIPLICATION SIGN}</button>", Role.BUTTON, "\u00d7"),
    "a named icon button": (
        "<button aria-label='Sign in'>\N{MULTIPLICATION SIGN}</button>",
        Role.BUTTON,
        "Sign in",
    ),
    "a role": ("<div role=button tabindex=0>Sign in</div>", Role.BUTTON, "Sign in"),
    "a link": ("<a href='/x'>Sign <i>in</i></a>", Role.LINK, "Sign in"),
    "a link to nowhere": ("<a>Sign in</a>", Role.TEXT, "Sign in"),
    "a heading": ("<h2>Sign in</h2>", Role.HEADING, "Sign in"),
    "a paragraph": ("<p>Sign <b>in</b></p>", Role.TEXT, "Sign in"),
    "a picture": ("<img alt='Sign in' style='width:9px; height:9px'>", Role.IMAGE, "Sign in"),
    "a box to tick": ("<input type=checkbox id=a><label for=a>Sign in</label>", Role.CHECKBOX, "Sign in"),
    "one of several": ("<label><input type=radio> Sign in</label>", Role.RADIO, "Sign in"),
    "a slider": ("<input type=range aria-label='Sign in'>", Role.SLIDER, "Sign in"),
    "a choice": ("<label>Sign in<select><option>One<option>Two</select></label>", Role.BUTTON, "Sign in"),
    "what unfolds": ("<details><summary>Sign in</summary>More</details>", Role.BUTTON, "Sign in"),
    "an entry": ("<ul><li aria-label='Sign in'></li></ul>", Role.LIST_ITEM, "Sign in"),
}
FIELDS = {
    "a label around it": "<label>E-mail <input></label>",
    "a label for it": "<label for=x>E-mail</label><input id=x>",
    "aria-label": "<input aria-label='E-mail'>",
    "aria-labelledby": "<p id=x>E-mail</p><input aria-labelledby=x aria-label=No>",
    "a placeholder alone": "<input placeholder='E-mail'>",
    "a title": "<input title='E-mail' placeholder=No>",
    "a text area": "<label>E-mail <textarea></textarea></label>",
    "what can be written on": "<div contenteditable aria-label='E-mail'></div>",
}


@pytest.mark.parametrize("name", NAMED)
async def test_a_role_and_a_name(read_html: ReadHtml, name: str) -> None:
    html, role, label = NAMED[name]
    reading = await read_html(html)
    assert find_in(by.role(role), reading).label == label


@pytest.mark.parametrize("name", FIELDS)
async def test_a_field_is_called_by(read_html: ReadHtml, name: str) -> None:
    reading = await read_html(FIELDS[name])
    field = by.role(Role.TEXT_FIELD, name="E-mail").first_match_in(reading.tree)
    assert field is not None


async def test_a_label_and_its_field_are_one(read_html: ReadHtml) -> None:
    parts = "<label><div>E-mail</div> <b>E-mail</b> <input aria-label='E-mail'></label>"
    for html in (FIELDS["a label for it"], FIELDS["a label around it"], parts):
        reading = await read_html(html)
        assert [node.role for node in by.text("E-mail").all_matches_in(reading.tree)] == [Role.TEXT_FIELD]


async def test_a_fields_state(read_html: ReadHtml) -> None:
    reading = await read_html("""
        <label>Name<input value=Ada placeholder='As you like'></label>
        <label>Password<input type=password value=secret></label>
        <label>Terms<input type=checkbox checked></label> <label>News<input type=checkbox></label>
        <fieldset disabled><button>Save</button></fieldset> <button aria-disabled=true>Send</button>
        <label>City<select><option>Oslo<option selected>Rome</select></label>
        <a href=/x aria-current=true>Home</a>
    """)
    name, password = find_in(by.label("Name"), reading), find_in(by.label("Password"), reading)
    assert (name.value, name.hint, name.obscured) == ("Ada", "As you like", False)
    assert password.obscured
    assert [find_in(by.label(each), reading).checked for each in ("Terms", "News", "Name")] == [
        True,
        False,
        None,
    ]
    assert [find_in(by.label(each), reading).enabled for each in ("Save", "Send", "Name")] == [
        False,
        False,
        True,
    ]
    assert find_in(by.label("City"), reading).value == "Rome"
    assert find_in(by.label("Home"), reading).selected


async def test_an_identifier_is_the_one_for_tests_or_the_id(read_html: ReadHtml) -> None:
    reading = await read_html("""
        <form id=login><input id=user aria-label=User> <button data-testid=send id=b1>Send</button></form>
    """)
    assert find_in(by.identifier("user"), reading).label == "User"
    assert find_in(by.identifier("send").within(by.identifier("login")), reading).label == "Send"
    assert by.identifier("b1").first_match_in(reading.tree) is None


async def test_what_nobody_can_see_is_not_there(read_html: ReadHtml) -> None:
    hidden = ("hidden", "style='display:none'", "style='visibility:hidden'", "aria-hidden=true")
    reading = await read_html("".join(f"<button {each}>Hidden</button>" for each in hidden))
    assert not [node for node in reading.tree if node.label]


async def test_what_the_page_scrolls_away_is_out_of_sight(read_html: ReadHtml) -> None:
    reading = await read_html("<p style='height:2000px'>Long</p><button>Below</button>")
    pane = find_in(by.role(Role.SCROLLABLE), reading)
    assert (pane.scrolls, pane.box.height) == ("vertical", 300)
    assert not find_in(by.label("Below"), reading).visible


async def test_a_sentence_is_read_whole_and_its_link_is_found(read_html: ReadHtml) -> None:
    reading = await read_html("<p>By our <a href=/terms>terms</a>, you <b>agree</b>.<br>Thanks</p>")
    sentence = find_in(by.text("By our terms, you agree."), reading)
    assert sentence.label == "By our terms, you agree.\nThanks"
    assert find_in(by.role(Role.LINK).within(by.text("Thanks")), reading).label == "terms"


async def test_open_shadow_roots_and_slots_are_looked_into(read_html: ReadHtml) -> None:
    reading = await read_html("""
        <sign-in><span>Ada</span></sign-in>
        <script>document.querySelector("sign-in").attachShadow({ mode: "open" }).innerHTML =
            "<label>Name <input></label> Hello <slot></slot> <button>Go</button>"</script>
    """)
    assert find_in(by.label("Name"), reading).role is Role.TEXT_FIELD
    assert find_in(by.text("Go"), reading).role is Role.BUTTON
    assert find_in(by.text("Ada"), reading).visible


# -- acting on it


async def test_html_is_typed_into_ticked_and_pressed(show_page: Show) -> None:
    app = await show_page("""
        <label>Name <input id=name></label><br> <label>About <textarea id=about></textarea></label><br>
        <div id=notes contenteditable aria-label=Notes style="width:200px; height:20px"></div>
        <input type=checkbox id=terms style="opacity:0; position:absolute; width:1px; height:1px">
        <label for=terms style="display:block; width:120px">I agree</label>
        <button onclick="this.textContent = 'Sent'">Send</button>
    """)
    await app.enter_text(by.label("Name"), "Ada")
    await app.enter_text(by.label("About"), "Counts")
    await app.enter_text(by.label("Notes"), "Well")
    assert (await app.find(by.role(Role.CHECKBOX))).box.width == 120
    await app.tap(by.label("I agree"))
    await app.tap(by.text("Send"))
    await app.find(by.text("Sent"))
    assert (await app.find(by.label("Name"))).value == "Ada"
    values = """() => [...document.querySelectorAll("#name, #about, #notes, #terms")]
        .map((each) => each.type === "checkbox" ? each.checked : each.value ?? each.innerText)"""
    assert await app.page.evaluate(values) == ["Ada", "Counts", "Well", True]


async def test_a_file_is_chosen_by_the_label_of_a_field_that_nobody_sees(
    show_page: Show, tmp_path: Path
) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"")
    app = await show_page("""
        <label><b>Upload</b><input type=file hidden onchange="result.textContent = files[0].name"></label>
        <p id=result>None</p>
    """)
    await app.choose_file(by.label("Upload"), file)
    await app.find(by.text("picture.png"))


async def test_an_option_of_a_list_that_the_browser_opens_is_chosen(show_page: Show) -> None:
    app = await show_page("""
        <label>City <select onchange="result.textContent = `Off to ${value}`">
            <option>Oslo<option value=FCO>Rome \n Fiumicino<option disabled>Paris
        </select></label> <p id=result>Nowhere</p>
    """)
    await app.choose(by.label("City"), "Rome Fiumicino")
    await app.find(by.text("Off to FCO"))
    assert (await app.find(by.label("City"))).value == "Rome Fiumicino"
    with pytest.raises(ActionFailed, match='offers no "Paris", but "Oslo", "Rome Fiumicino"'):
        await app.choose(by.label("City"), "Paris")


async def test_a_list_that_scrolls_is_both(read_html: ReadHtml) -> None:
    rows = "".join(f"<li style='height:50px'>Row {number}" for number in range(9))
    reading = await read_html(f"<ul aria-label=Rows style='height:100px; overflow:auto'>{rows}</ul>")
    pane = find_in(by.role(Role.SCROLLABLE).within(by.role(Role.LIST, name="Rows")), reading)
    assert (pane.scrolls, pane.box.height) == ("vertical", 100)
    assert [find_in(by.text(f"Row {number}"), reading).visible for number in (0, 8)] == [True, False]


async def test_html_below_the_fold_is_scrolled_to(show_page: Show) -> None:
    app = await show_page("""
        <p style="height:900px">Terms</p>
        <div style="height:100px; overflow:auto"><p style="height:600px">Names</p><button>Last</button></div>
        <button onclick="this.textContent = 'Pressed'">Agree</button>
    """)
    await app.scroll_to(by.text("Agree"))
    await app.tap(by.text("Agree"))
    await app.find(by.text("Pressed"))
    assert (await app.scroll_to(by.text("Last"))).visible


async def test_a_link_that_is_broken_over_lines_is_pressed_on_itself(show_page: Show) -> None:
    app = await show_page("""
        <p style="width:200px; font:20px/40px monospace">
            aaaaaaaaaaaa <a href="#there">bb bbbbbbbbbbbbbbb</a>
        </p>
    """)
    await app.tap(by.role(Role.LINK))
    assert app.page.url.endswith("#there")


async def test_html_that_something_lies_over_is_not_pressed(show_page: Show) -> None:
    app = await show_page("""
        <button>Send</button><div id=cookies style="position:fixed; inset:0">We use cookies</div>
    """)
    with pytest.raises(NotFound, match='is covered by <div id="cookies">'):
        await app.tap(by.text("Send"), timeout=0.2)


async def test_what_is_not_on_a_page_says_what_kind_of_page_it_is(serve_page: Serve, open_page: Any) -> None:
    address = await serve_page("<title>Sign in</title><button>Go</button>")
    async with open_page(address) as app:
        with pytest.raises(
            NotFound,
            match=r'the page at .* is ordinary HTML without a Flutter app \("Sign in"\); nearest: bu',
        ):
            await app.find(by.text("Feed"), timeout=0.1)


# -- pages before and after the app: single sign-on

LOGIN = """
    <title>Log in</title><h1>Welcome</h1>
    <form method=post action=/login>
        <label for=u>User name or e-mail</label> <input id=u name=user autocomplete=username>
        <input type=password name=password placeholder=Password>
        <label><input type=checkbox name=remember> Remember me</label>
        <button>Log in</button> <a href=/forgot>Forgot your password?</a>
    </form>
"""
APP = flutter(f"""
    setTimeout(() => {{
        show(1, "Hello Ada", "{BOX}");
        show(2, "Sign out", "left:50px; top:150px; width:100px; height:40px");
        node(2).addEventListener("click", () => location.assign("/logout"));
    }}, 300);
""")


def signing_on(request: Request) -> Answer:
    """A site whose app is for people who have signed in, and whose login is ordinary HTML."""
    match request.path:
        case "/login" if request.method == "POST":
            is_ada = request.form.get("user") == "ada" and request.form.get("password") == "p&ss"
            return redirect("/app/", Set_Cookie="session=1; Path=/") if is_ada else Answer(LOGIN)
        case "/login":
            return Answer(LOGIN)
        case "/logout":
            return redirect("/login", Set_Cookie="session=; Path=/; Max-Age=0")
        case _ if request.cookies.get("session"):
            return Answer(APP)
        case _:
            return redirect("/login")


async def sign_in_and_out(app: Any) -> None:
    await app.enter_text(by.label("User name or e-mail"), "ada")
    await app.enter_text(by.label("Password"), "p&ss")
    await app.tap(by.label("Remember me"))
    assert (await app.find(by.role(Role.CHECKBOX))).checked
    await app.tap(by.role(Role.BUTTON, name="Log in"))
    await app.find(by.text("Hello Ada"))
    await app.restart()
    await app.tap(by.text("Sign out"))
    await app.find(by.role(Role.HEADING, name="Welcome"))


async def test_one_signs_in_on_html_and_is_led_to_the_app_and_back(
    serve_site: Callable[[Site], Awaitable[str]], open_page: Any
) -> None:
    address = await serve_site(signing_on)
    began = now()
    async with open_page(f"{address}/app/", start_timeout=START_TIMEOUT_S) as app:
        assert now() - began < START_TIMEOUT_S / 2
        await sign_in_and_out(app)
        assert app.page.url == f"{address}/login"


async def test_the_time_that_a_page_takes_to_load_is_no_time_in_vain(
    serve_site: Callable[[Site], Awaitable[str]], open_page: Any
) -> None:
    """A login leads to an app that starts for longer than anything on it is waited for."""
    slow = flutter(f'setTimeout(() => show(1, "Hello Ada", "{BOX}"), 1500)')

    def site(request: Request) -> Answer:
        return Answer(slow if request.path == "/app" else "<a href=/app>Log in</a>")

    async with open_page(await serve_site(site), start_timeout=10.0) as app:
        await app.tap(by.text("Log in"))
        await app.find(by.text("Hello Ada"), timeout=0.5)


async def test_a_page_that_draws_itself_late_is_waited_for(serve_page: Serve, open_page: Any) -> None:
    html = (
        "<div id=root></div><script>setTimeout(() => root.innerHTML = '<button>Go</button>', 1800)</script>"
    )
    async with open_page(await serve_page(html)) as app:
        await app.tap(by.text("Go"))


async def test_what_an_app_shows_until_it_is_there_is_no_page_of_its_own(
    serve_page: Serve, open_page: Any
) -> None:
    html = """
        <button>Loading</button><script src=/flutter_bootstrap.js></script>
        <script>
            const show = () => { document.body.innerHTML = "<flt-semantics>On</flt-semantics>"; };
            setTimeout(show, 1800);
        </script>
    """
    async with open_page(await serve_page(html)) as app:
        assert by.text("On").first_match_in(await app.semantics()) is not None


async def test_a_page_with_nothing_to_use_is_given_up_before_the_time_is_over(
    serve_page: Serve, open_page: Any
) -> None:
    began = now()
    problem = (
        r'no Flutter app on this page: it is ordinary HTML .*\("Hi"\), with nothing to press or to fill in'
    )
    with pytest.raises(SemanticsMissing, match=problem):
        async with open_page(await serve_page("<title>Hi</title><p>Welcome"), start_timeout=START_TIMEOUT_S):
            pass
    assert now() - began < START_TIMEOUT_S / 2


async def test_a_page_that_never_rests_is_used_all_the_same(serve_page: Serve, open_page: Any) -> None:
    ticking = "setInterval(() => clock.textContent = Date.now(), 30)"
    html = f"<p id=clock></p><button>Go</button><script>{ticking}</script>"
    began = now()
    async with open_page(await serve_page(html), start_timeout=START_TIMEOUT_S) as app:
        assert now() - began < START_TIMEOUT_S / 3
        await app.tap(by.text("Go"))


async def test_a_broken_answer_in_the_apps_place_is_the_servers(serve_site: Any, open_page: Any) -> None:
    """Nothing on it can be used, so that what isn't found is no failure of the app's."""
    broken = Answer("<h1>502 Bad Gateway</h1>", 502)
    address = await serve_site(
        lambda request: broken if request.path == "/broken" else Answer("<a href=/broken>Go</a>")
    )
    async with open_page(address) as app:
        await app.tap(by.text("Go"))
        with pytest.raises(AppUnreachable, match=rf"shows no Flutter app: it is at {address}/broken"):
            await app.find(by.text("Feed"), timeout=0.1)


async def test_two_of_a_kind_are_told_apart_on_html_too(show_page: Show) -> None:
    app = await show_page(
        "<ul><li id=milk>Milk <button>Delete</button><li id=eggs>Eggs <button>Delete</button></ul>"
    )
    with pytest.raises(ActionFailed, match=r"fits 2 things on screen.*within\(by\.identifier\(\"milk\"\)\)"):
        await app.tap(by.text("Delete"), timeout=0.2)
    await app.tap(by.text("Delete").within(by.identifier("eggs")))
