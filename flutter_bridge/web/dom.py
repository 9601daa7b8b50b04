"""Turns what `page.js` read into a `Tree`: the one place that knows what the web engine's markup means.

The markup differs between engine versions: 3.0 to 3.44 are covered, as
`docs/explanations/semantics-on-the-web.md` says. A record's keys:
`t` tag, `i` id, `a` attributes, `b` box, `h` hidden, `f` focused, `v` value, `d` disabled, `o` clips,
`s` scroll axis, `x` own text, `k` children; of the page's own HTML (`p`) also `c` checked, `n` its labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, NotRequired, TypedDict

import msgspec

from flutter_bridge.driver import Reading
from flutter_bridge.errors import SemanticsMissing
from flutter_bridge.occlusion import takes_taps
from flutter_bridge.semantics import Axis, Box, Node, Role, Tree, split_tab
from flutter_bridge.text import quote
from flutter_bridge.web.html import ROLES, Record, html_node, role_of_element
from flutter_bridge.web.placement import SEPARATOR, FramePlace

FIELDS = frozenset({"input", "textarea"})

MAX_DEPTH = 200
"""How many levels the semantics may have: Flutter's deepest screens have some seventy."""

FIRST_ERROR = 400
"""The lowest status by which a server says that something is wrong."""

HALF_CHARACTER = re.compile(
    r"((?<!\\)(?:\\\\)*)"
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)

_Edge = Annotated[float, msgspec.Meta(ge=-1e7, le=1e7)]
_Flag = bool | int


class _Element(TypedDict):
    t: str
    i: str
    b: tuple[_Edge, _Edge, _Edge, _Edge]
    a: NotRequired[dict[str, str]]
    h: NotRequired[_Flag]
    f: NotRequired[_Flag]
    v: NotRequired[str]
    d: NotRequired[_Flag]
    o: NotRequired[_Flag]
    s: NotRequired[str]
    x: NotRequired[str]
    p: NotRequired[_Flag]
    c: NotRequired[_Flag]
    n: NotRequired[str]
    k: NotRequired[list[_Element]]


class _PageSource(TypedDict):
    version: int
    url: str
    width: Annotated[float, msgspec.Meta(ge=0, le=1e7)]
    height: Annotated[float, msgspec.Meta(ge=0, le=1e7)]
    ratio: Annotated[float, msgspec.Meta(gt=0, le=100)]
    flutter: bool
    ready: NotRequired[bool]
    plain: NotRequired[Annotated[int, msgspec.Meta(ge=0, le=2)]]
    status: NotRequired[Annotated[int, msgspec.Meta(ge=0, le=999)]]
    title: NotRequired[str]
    blocked: NotRequired[str]
    closed: NotRequired[list[FramePlace]]
    inner: NotRequired[dict[str, _PageSource]]
    nodes: list[_Element]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading(Reading):
    """One reading of a page, whose `version` is how often it had changed by then; `url` is where it was.

    `has_flutter` is whether there is a Flutter app on the page, `is_ready` whether what is there can be used:
    the app's semantics, or something of ordinary HTML to press or to fill in. `is_loading` is whether neither
    has ever been the case, `is_html` whether the page has been loaded, and quiet, without any app, and
    `is_given_up` whether it has for so long that none is to be expected. `status` is the server's word (0:
    not told), `title` the page's name, `blocked_window` the address of a window that the browser didn't let
    it open, and `closed_frames` are the addresses of frames that can't be looked into.
    """

    url: str
    has_flutter: bool
    is_ready: bool
    is_loading: bool = False
    is_html: bool = False
    is_given_up: bool = False
    status: int = 0
    title: str = ""
    blocked_window: str = ""
    closed_frames: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What kind of page it is, for an error; empty where an app is on it."""
        if self.has_flutter:
            return ""
        if not self.is_html:
            return "still being loaded"
        answer = f", HTTP {self.status}" if self.status >= FIRST_ERROR else ""
        named = " ".join(self.title.split())[:60]
        frame = next((f"; its frame {each} can't be looked into" for each in self.closed_frames), "")
        return f"ordinary HTML without a Flutter app ({quote(named)}{answer}{frame})"


def parse(reading: str) -> PageReading:
    """Parse what `page.js` returned; raises `SemanticsMissing` where that can't be read.

    Half a character, which an app may well show, is read as U+FFFD.
    """
    if "\\ud" in reading:
        reading = HALF_CHARACTER.sub(lambda found: found[1] + "\ufffd", reading)
    try:
        page = msgspec.json.decode(reading.encode("utf-8", "replace"), type=_PageSource)
        screen = Box(0, 0, page["width"], page["height"])
        nodes = _nodes(page)
    except msgspec.DecodeError as error:
        reason = " ".join(str(error).split())[:200]
        raise SemanticsMissing(f"the page's semantics can't be read: {reason}") from error
    except RecursionError:
        raise SemanticsMissing(f"the page's semantics can't be read: more than {MAX_DEPTH} levels") from None
    root = Node(box=screen, children=nodes)
    pages = list(_all_pages(page))
    has_semantics = any(_has_semantics(each["nodes"]) for each in pages)
    has_flutter = any(each["flutter"] for each in pages)
    plain = 0 if has_flutter else page.get("plain", 0)
    is_usable = plain > 0 and any(node.visible and takes_taps(node) for node in root.walk())
    return PageReading(
        tree=Tree(root, screen, page["ratio"]),
        version=sum(each["version"] for each in pages),
        url=page["url"],
        has_flutter=has_flutter,
        is_ready=has_semantics or is_usable,
        is_loading=not (has_semantics or any(each.get("ready") for each in pages) or plain),
        is_html=plain > 0,
        is_given_up=plain > 1,
        status=page.get("status", 0),
        title=page.get("title", ""),
        blocked_window=page.get("blocked", ""),
        closed_frames=tuple(place.address for each in pages for place in _unread_frames(each)),
    )


def _all_pages(page: _PageSource) -> Iterator[_PageSource]:
    yield page
    for inner in page.get("inner", {}).values():
        yield from _all_pages(inner)


def _unread_frames(page: _PageSource) -> Iterable[FramePlace]:
    inner = page.get("inner", {})
    return (place for place in page.get("closed", ()) if place.address and place.name not in inner)


def _nodes(page: _PageSource) -> tuple[Node, ...]:
    """Return what a page shows, with what its frames do where they are in it."""
    places = {place.name: place for place in page.get("closed", ())}
    inner = {
        name: tuple(_placed(node, places[name]) for node in _nodes(source))
        for name, source in page.get("inner", {}).items()
    }
    return tuple(_node(record, inner).fold() for record in page["nodes"])


def _placed(node: Node, place: FramePlace) -> Node:
    """Return a node of a frame as one of the page around."""
    return replace(
        node,
        box=place.outwards(node.box),
        ref=f"{place.name}{SEPARATOR}{node.ref}",
        children=tuple(_placed(child, place) for child in node.children),
    )


def _has_semantics(records: Iterable[Record]) -> bool:
    """Whether any of it is the engine's."""
    return any(not record.get("p") or _has_semantics(record.get("k", ())) for record in records)


def _node(record: Record, frames: Mapping[str, tuple[Node, ...]], depth: int = 0) -> Node:
    if depth > MAX_DEPTH:
        raise RecursionError
    if record.get("p"):
        below = tuple(_node(child, frames, depth + 1) for child in record.get("k", ()))
        return html_node(record, frames.get(record["i"], below) if record["t"] == "iframe" else below)
    attributes: Mapping[str, str] = record.get("a", {})
    inner = next((child for child in record.get("k", ()) if _is_part(child)), None)
    if inner is None and record["t"] in FIELDS:
        inner = record  # a node that is its own field
    part: Mapping[str, str] = inner.get("a", {}) if inner else {}
    children = tuple(_node(child, frames, depth + 1) for child in record.get("k", ()) if not _is_part(child))
    role = _role(record, attributes, inner, children)
    label = attributes.get("aria-label", "") or part.get("aria-label", "") or record.get("x", "")
    hint = attributes.get("aria-description", "") or part.get("aria-description", "")
    value = _value(role, attributes, inner)
    if role is Role.PROGRESS and value and f" {label}".endswith(f" {value}"):
        label = label[: -len(value)]  # the engine says it there, too
    label, hint = label.strip(), hint or part.get("placeholder", "")
    if tab := split_tab(label, hint):
        role, (label, hint) = Role.TAB, tab
    return Node(
        role=role,
        identifier=attributes.get("flt-semantics-identifier", ""),
        label=label,
        value=value,
        hint=hint,
        box=Box(*record["b"]),
        enabled=attributes.get("aria-disabled") != "true" and not _is_off(record, role, inner),
        focused=bool(record.get("f") or (inner or {}).get("f")),
        selected="true" in {attributes.get("aria-selected"), attributes.get("aria-current")},
        checked=_state(attributes, "aria-checked"),
        expanded=_state(attributes, "aria-expanded"),
        obscured=role is Role.TEXT_FIELD and part.get("type") == "password",
        visible=not record.get("h"),
        scrolls=_axis(record, role),
        is_tappable="flt-tappable" in attributes,
        children=children,
        ref=record["i"],
    )


def _is_part(record: Record) -> bool:
    """Whether an element is the engine's way to draw its parent, not a node of its own."""
    is_drawn = record["t"] in FIELDS or record["t"] == "flt-semantics-img"
    return is_drawn and not record.get("p") and not record["i"].startswith("flt-semantic-node-")


def _role(
    record: Record, attributes: Mapping[str, str], inner: Record | None, children: tuple[Node, ...]
) -> Role:
    if inner is not None:
        return _role_of_part(inner)
    # The engine's links have had no address before 2024.
    element = Role.LINK if record["t"] == "a" else role_of_element(record["t"], attributes)
    if element is not None:
        return element
    given = attributes.get("role", "")
    if record.get("s") or (record.get("o") and given == "group"):
        return Role.SCROLLABLE
    if given in ROLES:
        return ROLES[given]
    if not (record.get("x", "").strip() or attributes.get("aria-label")):
        return Role.GENERIC
    return Role.GROUP if children else Role.TEXT


def _role_of_part(inner: Record) -> Role:
    if inner["t"] == "flt-semantics-img":
        return Role.IMAGE
    return role_of_element(inner["t"], inner.get("a", {})) or Role.TEXT_FIELD


def _value(role: Role, attributes: Mapping[str, str], inner: Record | None) -> str:
    """Return a position, or a field's text, which the engine shows only while it has the focus."""
    if role is Role.PROGRESS:
        return attributes.get("aria-valuetext") or attributes.get("aria-valuenow", "")
    if inner is None:
        return ""
    if role is Role.SLIDER:
        return str(inner.get("a", {}).get("aria-valuetext", ""))
    return str(inner.get("v", "")) if role is Role.TEXT_FIELD else ""


def _is_off(record: Record, role: Role, inner: Record | None) -> bool:
    """Whether an element is disabled; a slider's never says, as the engine disables it after every tap."""
    return bool(record.get("d") or (inner is not None and inner.get("d") and role is not Role.SLIDER))


def _state(attributes: Mapping[str, str], name: str) -> bool | None:
    """Return the state of what can be on or off, open or closed; half checked is not checked."""
    state = attributes.get(name)
    return None if state is None else state == "true"


def _axis(record: Record, role: Role) -> Axis | None:
    if role is not Role.SCROLLABLE:
        return None
    return "horizontal" if record.get("s") == "x" else "vertical"
