"""How a test says which node it means, and what is said where there is no such node.

By identifier, label, role or text; within another; the n-th.

>>> by.identifier("post-avatar").within(by.label("Post by Alice")).nth(0)
by.identifier("post-avatar").within(by.label("Post by Alice")).nth(0)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from flutter_bridge.errors import NotFound
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.text import as_read, hidden_difference, quote, reads_as

Kind = Literal["identifier", "label", "role", "text"]


@dataclass(frozen=True, slots=True)
class Finder:
    """A description of a node, the same on every platform; made by `by`, never by hand.

    `kind` says what is compared with `wanted`, which may be a compiled pattern (searched, not matched whole)
    but for a role. Labels and texts are compared as they are read (`text_matching`), identifiers by code
    points. `name` narrows a role by label. `scope` is the finder of an ancestor. `index` picks one of
    several matches in reading order (negative: from the end). With None looking takes the first that can be
    seen; an action on several different ones is refused, unless `is_first` says that the first will do.
    """

    kind: Kind
    wanted: str | re.Pattern[str]
    name: str | re.Pattern[str] | None = None
    scope: Finder | None = None
    index: int | None = None
    is_first: bool = False

    def within(self, scope: Finder) -> Finder:
        """Return a finder that looks only inside the node `scope` finds."""
        return replace(self, scope=scope if self.scope is None else self.scope.within(scope))

    def nth(self, index: int) -> Finder:
        """Return a finder for the match at `index`, from 0 in reading order; -1 is the last."""
        return replace(self, index=index)

    @property
    def first(self) -> Finder:
        """A finder for the first match that can be seen, for an action that may mean any of several."""
        return replace(self, is_first=True)

    def matches(self, node: Node) -> bool:
        """Whether the node itself fits, whatever its place in the tree."""
        match self.kind:
            case "identifier":
                return (
                    self.wanted == node.identifier
                    if isinstance(self.wanted, str)
                    else self.wanted.search(node.identifier) is not None
                )
            case "label":
                return reads_as(node.label, self.wanted)
            case "text":
                return any(reads_as(part, self.wanted) for part in _texts_of(node))
            case "role":
                return node.role == self.wanted and (self.name is None or reads_as(node.label, self.name))

    def all_matches_in(self, tree: Tree) -> list[Node]:
        """Return every match in reading order, regardless of `index`."""
        if self.scope is None:
            return [node for node in tree if self.matches(node)]
        inside: dict[int, Node] = {}
        for ancestor in self.scope.matches_in(tree):
            for node in ancestor.walk():
                # A folded node stands for a wrapper and for what is in it.
                if (node is not ancestor or node.is_folded) and self.matches(node):
                    inside.setdefault(id(node), node)
        return list(inside.values())

    def matches_in(self, tree: Tree) -> list[Node]:
        """Return the matches that `index` leaves: all of them when it is None, else one or none."""
        found = self.all_matches_in(tree)
        if self.index is None:
            return found
        return found[self.index :][:1] if -len(found) <= self.index else []

    def first_match_in(self, tree: Tree) -> Node | None:
        """Return the node this finder means on this screen, a visible one first; None where there is none."""
        found = self.matches_in(tree)
        return next((node for node in found if node.visible), found[0] if found else None)

    def __str__(self) -> str:
        """Return the finder as it is written in Python."""
        if self.kind == "role":
            described = f"by.role({self.wanted!s}" + (
                f", name={_source_of(self.name)})" if self.name else ")"
            )
        else:
            described = f"by.{self.kind}({_source_of(self.wanted)})"
        if self.scope is not None:
            described += f".within({self.scope})"
        if self.index is not None:
            described += f".nth({self.index})"
        return f"{described}.first" if self.is_first else described

    __repr__ = __str__


def _texts_of(node: Node) -> Iterator[str]:
    """Yield what can be read on a node, whole and line by line: groups join their parts' texts by lines."""
    yield from (node.label, node.value, node.text)
    if "\n" in node.text:
        yield from node.text.splitlines()


def _source_of(wanted: str | re.Pattern[str]) -> str:
    return f"re.compile({quote(wanted.pattern)})" if isinstance(wanted, re.Pattern) else quote(wanted)


class by:  # noqa: N801 - read as a word: by.label("Save")
    """The ways to describe a node."""

    @staticmethod
    def identifier(identifier: str | re.Pattern[str]) -> Finder:
        """Find by `Semantics(identifier: …)`: the one thing neither language nor text changes can move.

        A pattern, searched in it, finds those that are made from what they stand for.
        """
        return Finder("identifier", identifier)

    @staticmethod
    def label(label: str | re.Pattern[str]) -> Finder:
        """Find by the whole semantics label, or by a pattern searched in it."""
        return Finder("label", label)

    @staticmethod
    def text(text: str | re.Pattern[str]) -> Finder:
        """Find by what can be read on a node: its label, its value, or one line of them."""
        return Finder("text", text)

    @staticmethod
    def role(role: Role, *, name: str | re.Pattern[str] | None = None) -> Finder:
        """Find by role, and by label too where `name` is given."""
        return Finder("role", role, name)


NEAREST_COUNT = 5


def nearest_names(finder: Finder, tree: Tree, *, count: int = NEAREST_COUNT) -> tuple[str, ...]:
    """Return what is on screen that comes closest to `finder`, as its messages name it, the closest first."""
    wanted = _wanted_text(finder)
    scores: dict[str, float] = {}
    for node in tree:
        if not node.visible:
            continue
        for name, alike in _names(node, finder):
            score = SequenceMatcher(None, as_read(alike).casefold(), as_read(wanted).casefold()).ratio()
            difference = "" if finder.kind == "identifier" else hidden_difference(wanted, alike)
            described = f"{name} ({difference})" if difference else name
            scores[described] = max(score, scores.get(described, 0.0))
    return tuple(sorted(scores, key=lambda described: -scores[described])[:count])


def not_found_error(
    finder: Finder,
    tree: Tree | None,
    *,
    waited: float,
    why: str = "",
    where: str = "",
    screenshot: Path | None = None,
) -> NotFound:
    """Return the error for a wait that ended in vain; `why` says what was wrong with a node it saw.

    `where` says what was on screen where that wasn't the app.
    """
    close = nearest_names(finder, tree) if tree is not None else ()
    message = f"{finder} {why or 'is not on screen'} (waited {waited:.1f} s)"
    message += f"; {where}" if where else ""
    message += f"; nearest: {', '.join(close)}" if close else "; nothing on screen has a name"
    message += f"; screenshot: {screenshot}" if screenshot is not None else ""
    return NotFound(message, nearest=close, screenshot=screenshot)


def _wanted_text(finder: Finder) -> str:
    wanted = finder.name if finder.kind == "role" and finder.name is not None else finder.wanted
    return wanted if isinstance(wanted, str) else wanted.pattern


def _names(node: Node, finder: Finder) -> list[tuple[str, str]]:
    """Return how a node could be found instead, each with the part of it to compare."""
    names = []
    if node.identifier:
        names.append((f"identifier {quote(node.identifier)}", node.identifier))
    if node.text:
        names.append((_described_text(node), node.text))
    if finder.kind == "identifier" and node.identifier:
        return names[:1]
    if finder.kind == "role" and finder.name is None:
        return [(name, str(node.role)) for name, _ in names]
    return names


def describe_node(node: Node) -> str:
    """Return what a node is in a few words: its role with its text or its identifier."""
    if node.text:
        return _described_text(node)
    return f"{_kind(node)} {quote(node.identifier)}" if node.identifier else f"a {_kind(node)}"


def _described_text(node: Node) -> str:
    shown = " ⏎ ".join(node.text.splitlines())
    return f"{_kind(node)} {quote(shown[:60])}"


def _kind(node: Node) -> str:
    return "label" if node.role in {Role.GENERIC, Role.GROUP} else str(node.role)
