"""The same screen as the web engines since Flutter 3.0 write it: where in the page, and in which words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from flutter_bridge import Box, Role, by
from flutter_bridge.web import WebApp

Show = Callable[[str], Awaitable[WebApp]]

WHOLE = "position:absolute; inset:0"
SCALED = "position:absolute; left:0; top:0; transform-origin:0 0 0; transform:scale(1)"
HOST = f'<flt-semantics-host style="{SCALED}">{{}}</flt-semantics-host>'
FILL = "width:100%; height:100%; box-sizing:border-box"

SCENES = {
    "html": (
        "<flt-scene><flt-transform><flt-picture><flt-dom-canvas><flt-paragraph>Painted</flt-paragraph>"
        "</flt-dom-canvas></flt-picture></flt-transform></flt-scene>"
    ),
    "canvaskit": "<flt-scene><flt-canvas-container><canvas></canvas></flt-canvas-container></flt-scene>",
    "skwasm": (
        "<flt-scene><flt-canvas-container><canvas width=400 height=300></canvas></flt-canvas-container>"
        "</flt-scene>"
    ),
}


def in_shadow(scene: str, nodes: str) -> str:
    """3.0: everything in the glass pane's shadow root, the nodes as well."""
    return pane("", f"{HOST.format(nodes)}<flt-scene-host aria-hidden=true>{scene}</flt-scene-host>")


def pane(light: str, shadow: str) -> str:
    """A glass pane whose shadow root has what it paints."""
    return f"""
        <flt-glass-pane style="{WHOLE}">{light}</flt-glass-pane>
        <script>document.querySelector("flt-glass-pane").attachShadow({{ mode: "open" }}).innerHTML =
            `<style>flt-scene-host {{ pointer-events: none }}</style>{shadow}`</script>
    """


def in_view(scene: str, nodes: str) -> str:
    """3.10 and later: a view around the glass pane, the nodes beside that, announcements in the body."""
    return f"""
        <flutter-view style="{WHOLE}; overflow:hidden">
            {pane("", f"<flt-scene-host>{scene}</flt-scene-host>")}
            <flt-text-editing-host><form><input class="flt-text-editing" value="Edited"></form>
            </flt-text-editing-host>
            {HOST.format(nodes)}
        </flutter-view>
        <flt-announcement-host><flt-announcement-polite aria-live="polite">Announced</flt-announcement-polite>
        </flt-announcement-host>
    """


def beside_pane(scene: str, nodes: str) -> str:
    """3.7: no view yet; the nodes beside what is painted."""
    return pane(HOST.format(nodes), f"<flt-scene-host>{scene}</flt-scene-host><slot></slot>")


@dataclass(frozen=True)
class Engine:
    """How an engine writes a screen: its place, its nodes' ids, what holds those in them, and their labels.

    `label` is where a leaf's label is: an attribute, that and an element for it, a text, or a text in a span;
    `heading` is its element for one.
    """

    place: Callable[[str, str], str]
    label: str
    heading: str = "role"
    has_ids: bool = True
    has_container: bool = True
    identifies: bool = True

    def node(self, number: int, box: Box, attributes: str = "", label: str = "", inside: str = "") -> str:
        """A leaf at a place of the screen."""
        tag = "flt-semantics"
        if self.heading != "role" and 'role="heading"' in attributes:
            tag, attributes = self.heading, ""
        ids = f'id="flt-semantic-node-{number}"' if self.has_ids else ""
        style = f"left:{box.left}px; top:{box.top}px; width:{box.width}px; height:{box.height}px"
        by_attribute = self.label in {"attribute", "value"} or "checkbox" in attributes
        named = f'aria-label="{label}"' if label and by_attribute else ""
        text = {
            "attribute": "",
            "value": f'<flt-semantics-value style="font-size:6px">{label}</flt-semantics-value>',
            "text": label,
            "span": f'<span style="display:inline-block; transform:scale(2)">{label}</span>',
        }[self.label]
        content = inside or ("" if "checkbox" in attributes else text)
        margin = "position:absolute; margin:0; pointer-events:all"
        return f'<{tag} {ids} {attributes} {named} style="{margin}; {style}">{content}</{tag}>'

    def screen(self) -> str:
        """A screen with one of each, below a root and a group."""
        leaves = "".join(self._leaves())
        style = f"{WHOLE}; pointer-events:none"
        inner = f'<flt-semantics-container style="{style}">{leaves}</flt-semantics-container>'
        root = 'id="flt-semantic-node-0"' if self.has_ids else ""
        style = "position:absolute; pointer-events:none; width:400px; height:300px"
        return (
            f'<flt-semantics {root} style="{style}">{inner if self.has_container else leaves}</flt-semantics>'
        )

    def _leaves(self) -> Iterator[str]:
        identifier = 'flt-semantics-identifier="save"' if self.identifies else ""
        role = 'role="text"' if self.label in {"attribute", "text"} else ""
        yield self.node(2, BOXES["News"], 'role="heading"', "News")
        yield self.node(3, BOXES["Hello"], role, "Hello")
        field = f'<input aria-label="Name" style="{FILL}">'
        yield self.node(4, BOXES["Name"], inside=field)
        yield self.node(5, BOXES["Agree"], 'role="checkbox" aria-checked="false" flt-tappable', "Agree")
        yield self.node(6, BOXES["Save"], f'role="button" flt-tappable {identifier}', "Save")


BOXES = {
    "News": Box(10, 10, 200, 30),
    "Hello": Box(10, 50, 200, 30),
    "Name": Box(10, 90, 200, 40),
    "Agree": Box(10, 140, 40, 40),
    "Save": Box(10, 200, 100, 40),
}
ROLES = {
    "News": Role.HEADING,
    "Hello": Role.TEXT,
    "Name": Role.TEXT_FIELD,
    "Agree": Role.CHECKBOX,
    "Save": Role.BUTTON,
}
ENGINES = {
    "3.0": Engine(in_shadow, "value", has_ids=False, identifies=False),
    "3.7": Engine(beside_pane, "value", has_ids=False, identifies=False),
    "3.10": Engine(in_view, "value", identifies=False),
    "3.16": Engine(in_view, "attribute", identifies=False),
    "3.19": Engine(in_view, "attribute", identifies=False),
    "3.22": Engine(in_view, "text", identifies=False),
    "3.24": Engine(in_view, "span"),
    "3.27": Engine(in_view, "span", heading="h2"),
    "3.29": Engine(in_view, "span", heading="h2"),
    "3.32": Engine(in_view, "span", heading="h2", has_container=False),
    "3.35": Engine(in_view, "span", heading="h2", has_container=False),
}
USED = """
    <script>addEventListener("click", (event) => {
        const [at] = event.composedPath();
        const node = at.closest?.("[flt-tappable]");
        node?.setAttribute(node.matches("[role=checkbox]") ? "aria-checked" : "aria-current", "true");
    }, true)</script>
"""


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
async def test_a_screen_is_read_alike_from_every_engine(show_page: Show, engine: Engine, scene: str) -> None:
    app = await show_page(engine.place(scene, engine.screen()) + USED)
    tree = await app.semantics()
    shown = {node.label: (node.role, node.box) for node in tree if node.label}
    assert shown == {label: (ROLES[label], box) for label, box in BOXES.items()}


PLACEHOLDERS = {
    "in the pane's shadow root, until 3.19": ("", "<flt-semantics-placeholder></flt-semantics-placeholder>"),
    "in the body, since 3.22": ("<flt-semantics-placeholder></flt-semantics-placeholder>", ""),
}
SWITCHING_ON = """
    <script>
        const pane = document.querySelector("flt-glass-pane").shadowRoot;
        const [root] = [pane, document].filter((each) => each.querySelector("flt-semantics-placeholder"));
        const placeholder = root.querySelector("flt-semantics-placeholder");
        placeholder.addEventListener("click", () => {
            placeholder.remove();
            pane.append(Object.assign(document.createElement("flt-semantics"), { textContent: "On" }));
            setTimeout(() => { pane.querySelector("flt-semantics").textContent = "Changed"; }, 300);
        });
    </script>
"""


@pytest.mark.parametrize("where", PLACEHOLDERS.values(), ids=PLACEHOLDERS.keys())
async def test_semantics_are_turned_on_wherever_their_placeholder_is(
    serve_page: Callable[[str], Awaitable[str]], open_page: Any, where: tuple[str, str]
) -> None:
    """And what changes in a shadow root is heard of."""
    in_body, in_pane = where
    async with open_page(await serve_page(in_body + pane("", in_pane) + SWITCHING_ON)) as app:
        await app.find(by.text("Changed"))


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
async def test_a_screen_is_operated_alike_in_every_engine(show_page: Show, engine: Engine) -> None:
    app = await show_page(engine.place(SCENES["canvaskit"], engine.screen()) + USED)
    await app.enter_text(by.label("Name"), "Ada")
    await app.tap(by.label("Agree"))
    await app.tap(by.identifier("save") if engine.identifies else by.label("Save"))
    tree = await app.semantics()
    field, box, button = (by.label(label).first_match_in(tree) for label in ("Name", "Agree", "Save"))
    assert field is not None
    assert box is not None
    assert button is not None
    assert (field.value, box.checked, button.selected) == ("Ada", True, True)
