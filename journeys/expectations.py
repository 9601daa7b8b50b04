r"""What can be expected of a surface, beside a picture.

    change.expect("Hello Bob", on=chat.last_message)        # a whole line, or whole words, of its text
    change.expect(contains("Hello"), on=chat.last_message)
    change.expect(re.compile(r"\d+ unread"), on=chats.badge)
    change.expect(checked(), on=settings.sounds)
    change.expect(appears(), on=chat.typing)
    change.expect(count(3), on=chat.surface("messages", by.identifier("message")))
    change.expect(changes(), on=chat.background)
    change.expect(stays(), on=chat.draft)

A surface's finder says where it is looked for. When it came is told by pixels, whatever it is.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from flutter_bridge import Finder, Node, Role, as_read

StateName = Literal["checked", "selected", "enabled", "expanded", "value"]


@dataclass(frozen=True, slots=True)
class Wording:
    """How reports put a change: `showed the text “Hello” and went back to the old one`.

    `what` is a noun, `did` and `does` say that it is there, `undone` that it is no longer.
    """

    what: str
    did: str
    does: str
    undone: str = "went back to the old one"

    @classmethod
    def of(cls, what: str) -> Wording:
        """Return how something is put that a surface shows."""
        return cls(what, f"showed {what}", f"shows {what}")


class Wanted(ABC):
    """Something that can be expected of a surface; made by `appears()`, `checked()` and the like."""

    __slots__ = ()

    @abstractmethod
    def __str__(self) -> str:
        """Return what reports call it."""

    def wording(self, finder: Finder) -> Wording:  # noqa: ARG002 - for what counts what it finds
        """Return how reports put it, on a surface that `finder` finds."""
        return Wording.of(str(self))


@dataclass(frozen=True, slots=True)
class Text(Wanted):
    """A text on a surface.

    `words` are a whole line of it or whole words in one, `part` is any part of it, `whole` all of it, and a
    `pattern` is searched in it. Texts are compared as people read them: an app may write marks and
    spaces that nobody types.
    """

    wanted: str | re.Pattern[str]
    how: Literal["words", "part", "whole", "pattern"]

    def __str__(self) -> str:
        """Return what reports call it."""
        if isinstance(self.wanted, re.Pattern):
            return f"a text like “{self.wanted.pattern}”"
        return {"words": "the text", "part": "a text with", "whole": "exactly the text"}[
            self.how
        ] + f" “{self.wanted}”"

    def is_in(self, text: str) -> bool:
        """Whether a text is, or has, what is wanted."""
        if isinstance(self.wanted, re.Pattern):
            return any(self.wanted.search(each) is not None for each in (text, as_read(text)))
        read, wanted = as_read(text), as_read(self.wanted)
        if self.how == "whole":
            return read == wanted
        return wanted in read if self.how == "part" else has_words(text, self.wanted)


def has_words(text: str, words: str) -> bool:
    """Whether words stand in a text as people read it, none of them as a part of a longer one."""
    wanted = as_read(words)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", as_read(text)) is not None


@dataclass(frozen=True, slots=True)
class State(Wanted):
    """A state of one node, such as `checked`, which is to be `wanted`."""

    name: StateName
    wanted: bool | str

    def __str__(self) -> str:
        """Return what reports call it."""
        if isinstance(self.wanted, str):
            return f"the value “{self.wanted}”"
        return f"the state “{self.name if self.wanted else f'not {self.name}'}”"

    def of(self, node: Node) -> bool | str | None:
        """Return what a node says of it; None where it says nothing, as a text is neither checked nor not."""
        if self.name == "value":
            return node.value if node.value or node.role is Role.TEXT_FIELD else None
        seen: bool | None = getattr(node, self.name)
        return seen

    def is_met_by(self, seen: bool | str) -> bool:
        """Whether that is what is wanted."""
        if isinstance(seen, str) and isinstance(self.wanted, str):
            return as_read(seen) == as_read(self.wanted)
        return seen == self.wanted


@dataclass(frozen=True, slots=True)
class Presence(Wanted):
    """That something is there which was not, or the other way round."""

    wanted: bool

    def __str__(self) -> str:
        """Return what reports call it."""
        return "appears" if self.wanted else "disappears"

    def wording(self, finder: Finder) -> Wording:
        """Return how reports put it."""
        if self.wanted:
            return Wording(f"{finder}", "appeared", f"is there already ({finder})", "was gone again")
        return Wording("that it is gone", "disappeared", f"is not there ({finder})", "came back")

    def is_met_by(self, number: int) -> bool:
        """Whether so many are as wanted."""
        return (number > 0) is self.wanted


@dataclass(frozen=True, slots=True)
class Count(Wanted):
    """How many of what a finder finds are to be on screen."""

    wanted: int

    def __str__(self) -> str:
        """Return what reports call it."""
        return f"{self.wanted} of them"

    def wording(self, finder: Finder) -> Wording:
        """Return how reports put it, with what finds them."""
        return Wording.of(f"{self.wanted} of {finder}")

    def is_met_by(self, number: int) -> bool:
        """Whether so many are as wanted."""
        return number == self.wanted


@dataclass(frozen=True, slots=True)
class Change(Wanted):
    """Any change that lasts."""

    def __str__(self) -> str:
        """Return what reports call it."""
        return "changes"

    def wording(self, finder: Finder) -> Wording:  # noqa: ARG002 - as on Wanted
        """Return how reports put it."""
        return Wording("a change", "changed", "changes")


@dataclass(frozen=True, slots=True)
class Stillness(Wanted):
    """No change at all, for so many seconds; None stands for the budget of the block."""

    for_s: float | None = None

    def __str__(self) -> str:
        """Return what reports call it."""
        return "stays"

    def wording(self, finder: Finder) -> Wording:  # noqa: ARG002 - as on Wanted
        """Return how reports put it."""
        return Wording("what it showed", "stayed as it was", "stays as it is", "changed")


def contains(text: str) -> Text:
    """Expect a text that has this one in it, be it within a word."""
    return Text(_checked_text(text, "contains"), "part")


def exactly(text: str) -> Text:
    """Expect this text and nothing else, on all lines of the surface's."""
    return Text(_checked_text(text, "exactly"), "whole")


def checked(is_checked: bool = True) -> State:
    """Expect that a check box, a radio button or a switch is on, or off."""
    return State("checked", _checked_bool(is_checked, "checked"))


def selected(is_selected: bool = True) -> State:
    """Expect that a tab, a chip or the like is the selected one, or is not."""
    return State("selected", _checked_bool(is_selected, "selected"))


def enabled(is_enabled: bool = True) -> State:
    """Expect that a control can be used, or can't."""
    return State("enabled", _checked_bool(is_enabled, "enabled"))


def expanded(is_expanded: bool = True) -> State:
    """Expect that a tile or a menu is open, or closed; told on the web only."""
    return State("expanded", _checked_bool(is_expanded, "expanded"))


def value(text: str) -> State:
    """Expect that a field's text, or a slider's value as a screen reader says it, is this one."""
    if not isinstance(text, str):
        raise TypeError(f"value(…) takes a text such as value('50%'), not {text!r}")
    return State("value", text)


def appears() -> Presence:
    """Expect that what the surface's finder finds comes on screen; before, there is none."""
    return Presence(wanted=True)


def disappears() -> Presence:
    """Expect that nothing is on screen any more of what the surface's finder finds."""
    return Presence(wanted=False)


def count(number: int) -> Count:
    """Expect that so many of what the surface's finder finds are on screen; what is scrolled out isn't."""
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise TypeError(f"count(…) takes how many, such as count(3), not {number!r}")
    return Count(number)


def changes() -> Change:
    """Expect any change of how the surface looks, as long as it lasts."""
    return Change()


def stays(*, for_s: float | None = None) -> Stillness:
    """Expect that the surface looks as it does for the whole budget, or for so many seconds."""
    if for_s is not None and not 0 < for_s <= LONGEST_STAY_S:
        raise ValueError(f"stays(for_s=…) takes more than 0 s, and {LONGEST_STAY_S} s at most, not {for_s!r}")
    return Stillness(for_s)


LONGEST_STAY_S = 600
"""A minute's frames are kept, more of a screen that stands still."""


def as_wanted(wanted: object) -> Wanted | None:
    """Return what somebody wants that is no picture; None where it is nothing that can be expected."""
    if isinstance(wanted, str):
        return Text(_checked_text(wanted, "expect"), "words")
    if isinstance(wanted, re.Pattern):
        return Text(wanted, "pattern") if isinstance(wanted.pattern, str) else None
    return wanted if isinstance(wanted, Wanted) else None


def _checked_text(text: str, maker: str) -> str:
    if not isinstance(text, str) or not as_read(text).strip():
        raise TypeError(f"{maker}(…) takes a text that can be read, not {text!r}")
    return text


def _checked_bool(given: bool, maker: str) -> bool:
    if not isinstance(given, bool):
        raise TypeError(f"{maker}(…) takes True or False, not {given!r}")
    return given
