"""An app whose sign-in opens a window on another origin, as identity providers have it."""

from __future__ import annotations

from typing import Any

from flutter_bridge import by
from tests.site_server import Answer, Request, Site

PROVIDER = """
    <title>Provider</title><h1>Sign in to your account</h1>
    <form method=post action=/done>
        <label>E-mail <input name=email></label> <label>Password <input name=password type=password></label>
        <button>Continue</button>
    </form>
"""
BUTTON = "left:50px; top:50px; width:200px; height:40px"
PROMPT = "left:50px; top:200px; width:200px; height:40px; background:#c03030"
GREETING = "left:50px; top:150px; width:200px; height:40px; background:#30a050"


def provider(request: Request) -> Answer:
    """What asks for a password in `/`, tells who opened it at `/done`, and closes."""
    if request.path == "/done" and request.form.get("password") == "p&ss":
        return Answer(
            f"<script>opener.postMessage('{request.form['email']}', '*'); close()</script>",
        )
    if request.path == "/idle":
        return Answer("<title>Done</title><p>You may close this window")
    return Answer(PROVIDER)


def app(window: str, *, opens: str = "window.open(address, '_blank')") -> Site:
    """An app that opens a window and greets whoever it is told of; Flutter's nodes, without its engine."""
    html = f"""
        <!doctype html><body><script>
        const address = "{window}";
        const node = (id, label, box, more = "") => {{
            document.querySelector(`#flt-semantic-node-${{id}}`)?.remove();
            document.body.insertAdjacentHTML("beforeend", `<flt-semantics id="flt-semantic-node-${{id}}"
                aria-label="${{label}}" ${{more}} style="position:absolute; pointer-events:auto; ${{box}}">`);
            return document.querySelector(`#flt-semantic-node-${{id}}`);
        }};
        const button = node(1, "Sign in", "{BUTTON}", "flt-tappable role=button");
        button.addEventListener("click", () => {{ {opens}; }});
        const prompt = node(3, "Nobody is signed in", "{PROMPT}");
        addEventListener("message", ({{ data }}) => {{
            node(2, `Hello ${{data}}`, "{GREETING}");
            prompt.remove();
        }});
        </script>
    """
    return lambda _: Answer(html)


async def sign_in(app: Any) -> None:
    """Sign in in the window, and see that the app knows."""
    await app.tap(by.label("Sign in"))
    await fill_in(app)
    await app.find(by.label("Hello Ada"))


async def fill_in(app: Any) -> None:
    """Do in the window what it asks for, upon which it closes."""
    await app.enter_text(by.label("E-mail"), "Ada")
    await app.enter_text(by.label("Password"), "p&ss")
    await app.tap(by.text("Continue"))
