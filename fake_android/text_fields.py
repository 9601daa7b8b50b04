"""What a field says on Android once a text was set in it: the engine's guess, then the app's word.

Flutter's Android engine writes the text into the field's node before the app hears of it, and leaves it there
until the app says something new of that node. A field that refuses the text, and is then as it was before,
says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fake_android.device import AndroidNode
from flutter_bridge import now

APP_S: Final = 0.1
"""How long a phone's app takes to its word."""

State = Sequence[Any] | None
"""A field as the page has it: whether it has the focus, its text, and where its selection begins and ends."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """A text that was set, and how the page had the field before it and after."""

    text: str
    before: State
    after: State
    until: float


class FieldTexts:
    """The texts that were set in the fields of one app, as long as they aren't the app's word."""

    def __init__(self) -> None:
        self._guesses: dict[str, _Guess] = {}

    @property
    def refs(self) -> list[str]:
        """The fields whose states are to be told."""
        return list(self._guesses)

    def note(self, ref: str, text: str, before: State, after: State) -> None:
        """Note that a text was set in a field."""
        self._guesses[ref] = _Guess(text, before, after, now() + APP_S)

    def apply(self, root: AndroidNode, states: Mapping[str, State]) -> AndroidNode:
        """Return a window with the texts that Android has of its fields, and what is selected in one."""
        changes: dict[str, dict[str, Any]] = {}
        for ref, state in states.items():
            if state is not None and state[0] and state[2] is not None:
                changes.setdefault(ref, {})["selection"] = (state[2], state[3])
        for ref, guess in list(self._guesses.items()):
            state = states.get(ref)
            is_over = now() >= guess.until and guess.after != guess.before
            if state is None or state != guess.after or is_over:
                del self._guesses[ref]
            else:
                changes.setdefault(ref, {})["text"] = guess.text
        return _change(root, changes) if changes else root


def _change(node: AndroidNode, changes: Mapping[str, Mapping[str, Any]]) -> AndroidNode:
    inside = tuple(_change(child, changes) for child in node.children)
    is_field = node.class_name == "android.widget.EditText"
    return replace(node, children=inside, **(changes.get(node.ref, {}) if is_field else {}))
