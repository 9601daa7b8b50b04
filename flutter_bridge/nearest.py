"""Says what was on screen instead of what was looked for, in one line that helps."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

from flutter_bridge.errors import NotFound
from flutter_bridge.finders import Finder
from flutter_bridge.semantics import Node, Role, Tree

SHOWN = 5


def nearest(finder: Finder, tree: Tree, *, count: int = SHOWN) -> tuple[str, ...]:
    """Return the finders of what is on screen that come closest to `finder`, the closest first."""
    wanted = finder.wanted if isinstance(finder.wanted, str) else finder.wanted.pattern
    if finder.kind == "role" and finder.name is not None:
        wanted = finder.name if isinstance(finder.name, str) else finder.name.pattern
    scores: dict[str, float] = {}
    for node in tree:
        if not node.visible:
            continue
        for said, alike in _names(node, finder):
            score = SequenceMatcher(None, alike.casefold(), wanted.casefold()).ratio()
            scores[said] = max(score, scores.get(said, 0.0))
    return tuple(sorted(scores, key=lambda said: -scores[said])[:count])


def not_found(
    finder: Finder, tree: Tree | None, *, waited: float, why: str = "", screenshot: Path | None = None
) -> NotFound:
    """Return the error for a wait that ended in vain; `why` says what was wrong with a node it saw."""
    close = nearest(finder, tree) if tree is not None else ()
    told = f"{finder} {why or 'is not on screen'} (waited {waited:.1f} s)"
    told += f"; nearest: {', '.join(close)}" if close else "; nothing on screen has a name"
    told += f"; screenshot: {screenshot}" if screenshot is not None else ""
    return NotFound(told, nearest=close, screenshot=screenshot)


def _names(node: Node, finder: Finder) -> list[tuple[str, str]]:
    """Return how a node could be found instead, each with the part of it to compare."""
    names = []
    if node.identifier:
        names.append((f'identifier "{node.identifier}"', node.identifier))
    if node.text:
        said = node.text.replace("\n", " ⏎ ")
        names.append((f'{_kind(node)} "{said[:60]}"', node.text))
    if finder.kind == "identifier" and node.identifier:
        return names[:1]
    if finder.kind == "role" and finder.name is None:
        return [(said, str(node.role)) for said, _ in names]
    return names


def _kind(node: Node) -> str:
    return "label" if node.role in {Role.GENERIC, Role.GROUP} else str(node.role)
