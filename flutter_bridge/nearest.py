"""Says what was on screen instead of what was looked for, in one line that helps."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

from flutter_bridge.errors import NotFound
from flutter_bridge.finders import Finder
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.text_matching import as_read, hidden_difference, quote

SHOWN = 5


def nearest(finder: Finder, tree: Tree, *, count: int = SHOWN) -> tuple[str, ...]:
    """Return what is on screen that comes closest to `finder`, as its messages name it, the closest first."""
    wanted = _wanted(finder)
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


def not_found(
    finder: Finder, tree: Tree | None, *, waited: float, why: str = "", screenshot: Path | None = None
) -> NotFound:
    """Return the error for a wait that ended in vain; `why` says what was wrong with a node it saw."""
    close = nearest(finder, tree) if tree is not None else ()
    message = f"{finder} {why or 'is not on screen'} (waited {waited:.1f} s)"
    message += f"; nearest: {', '.join(close)}" if close else "; nothing on screen has a name"
    message += f"; screenshot: {screenshot}" if screenshot is not None else ""
    return NotFound(message, nearest=close, screenshot=screenshot)


def _wanted(finder: Finder) -> str:
    wanted = finder.name if finder.kind == "role" and finder.name is not None else finder.wanted
    return wanted if isinstance(wanted, str) else wanted.pattern


def _names(node: Node, finder: Finder) -> list[tuple[str, str]]:
    """Return how a node could be found instead, each with the part of it to compare."""
    names = []
    if node.identifier:
        names.append((f"identifier {quote(node.identifier)}", node.identifier))
    if node.text:
        shown = " ⏎ ".join(node.text.splitlines())
        names.append((f"{_kind(node)} {quote(shown[:60])}", node.text))
    if finder.kind == "identifier" and node.identifier:
        return names[:1]
    if finder.kind == "role" and finder.name is None:
        return [(name, str(node.role)) for name, _ in names]
    return names


def _kind(node: Node) -> str:
    return "label" if node.role in {Role.GENERIC, Role.GROUP} else str(node.role)
