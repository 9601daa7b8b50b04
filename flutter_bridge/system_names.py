"""What a device's own dialogs and pickers call things: known by structure where that tells, else by names.

Makers of phones have packages of their own, and devices speak other languages; what is known here is
Android's and iOS's own, in English. `SystemNames` adds a device's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flutter_bridge.semantics import Node
from flutter_bridge.text import reads_as


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemNames:
    """More names, each a button's label, or the last part of its resource id, or all of that.

    - `allow`, `deny`: the buttons of dialogs that ask for a permission.
    - `show_roots`, `downloads`, `done`: in a picker, what shows the places to pick from, the place of
      downloads, and what says that this was all.
    - `close`: what closes a notice that lies over a picker's pictures.
    - `documents`, `photos`: packages whose screens are pickers of files, and of pictures.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    show_roots: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


def is_called(node: Node, names: Iterable[str], known: re.Pattern[str] | None = None) -> bool:
    """Whether a node has one of some names, as label or resource id; or a label that is `known`."""
    if known is not None and known.match(node.label):
        return True
    identifiers = {node.identifier, node.identifier.rpartition("/")[2]} - {""}
    return any(name in identifiers or (node.label and reads_as(node.label, name)) for name in names)
