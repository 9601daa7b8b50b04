"""Reads the XML of a page source, and what Android's and iOS's have in common.

A source comes from a driver on a device, so nothing in it is trusted: no document type (and with it no
entities), no more than `MAX_LENGTH` characters and `MAX_DEPTH` levels. A character that XML forbids is
read as U+FFFD: one odd letter in a name doesn't hide the screen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from flutter_bridge.errors import SemanticsMissing
from flutter_bridge.semantics import Axis, Box, Node

MAX_LENGTH = 32_000_000
"""How many characters a source may have; a long list's has some hundred thousand."""

MAX_DEPTH = 200
"""How many levels a source may have: Flutter's deepest screens have some seventy."""

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class SourceElement:
    """One element of a source: its tag, its attributes, what is in it, and the XPath that leads to it."""

    tag: str
    attributes: Mapping[str, str]
    path: str
    children: list[SourceElement] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute without the white space around it; "" where it is missing."""
        return self.attributes.get(name, "").strip()

    def is_true(self, name: str) -> bool:
        """Whether an attribute is `true`."""
        return self.attributes.get(name) == "true"


def parse_source(xml: str) -> SourceElement:
    """Return the root of a source; raises `SemanticsMissing` where it can't be read."""
    if len(xml) > MAX_LENGTH:
        raise unreadable_error(f"it has {len(xml):,} characters, of which {MAX_LENGTH:,} are read")
    text = REFERENCE.sub(_reference, FORBIDDEN.sub(REPLACEMENT, xml)).strip()
    if not text:
        raise unreadable_error("it is empty; the app may have gone, or the device is locked")
    reader = _TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as broken:
        place = f"line {broken.lineno}, column {broken.offset + 1}"
        raise unreadable_error(f"{expat.ErrorString(broken.code)} at {place}") from broken
    return reader.root


def unreadable_error(why: str) -> SemanticsMissing:
    """Return the error for a source that says nothing about the screen."""
    return SemanticsMissing(f"the page source can't be read: {why}")


def clip_box(box: Box, to: Box) -> tuple[Box, bool]:
    """Return what of a box can be seen and true, or the whole box and false where nothing can."""
    shown = box.intersection(to)
    return (box, False) if shown.is_empty else (shown, True)


def guess_axis(pane: Box, children: Sequence[Node]) -> Axis:
    """Return which way a pane scrolls that doesn't say: sideways where its content lies in one row.

    A guess, as neither platform tells. A pane that is higher than wide scrolls down, however its first row
    lies.
    """
    boxes = [child.box for child in children if child.visible]
    row = (
        len(boxes) > 1
        and pane.width > pane.height
        and max(box.top for box in boxes) < min(box.bottom for box in boxes)
    )
    return "horizontal" if row else "vertical"


class _TreeBuilder:
    """Builds elements from the parser's events, without recursion."""

    def __init__(self) -> None:
        self.root = SourceElement("", {}, "")
        self._open: list[SourceElement] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) == MAX_DEPTH:
            raise unreadable_error(
                f"it has more than {MAX_DEPTH} levels; limit the driver's setting "
                f"snapshotMaxDepth to {MAX_DEPTH}"
            )
        if self._open:
            above = self._open[-1]
            element = SourceElement(tag, attributes, f"{above.path}/*[{len(above.children) + 1}]")
            above.children.append(element)
        else:
            element = self.root = SourceElement(tag, attributes, "/*")
        self._open.append(element)

    def end(self, _tag: str) -> None:
        self._open.pop()


def _refuse_doctype(*_declared: object) -> NoReturn:
    raise unreadable_error("it declares a document type, which no driver does")


def _reference(found: re.Match[str]) -> str:
    """Return a reference to a character as it is, unless XML forbids the character."""
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    number = int(digits, base) if len(digits.lstrip("0")) <= 7 else 0
    allowed = 0 < number <= 0x10FFFF and not FORBIDDEN.match(chr(number))
    return found[0] if allowed else REPLACEMENT
