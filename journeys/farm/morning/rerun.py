"""The commands that play again what did not pass, ready to be copied into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from journeys.farm.night_record import CellRecord

MOST_JOURNEYS: Final = 20
"""More than that on one line nobody reads, and not every shell takes."""


class Again:
    """Writes commands that begin with some words; whatever isn't one of the targets is a cast."""

    def __init__(self, words: Sequence[str], targets: Collection[str]) -> None:
        self._targets = targets
        self.words = " ".join(map(shell_word, words))

    def command(self, cells: Sequence[CellRecord]) -> str:
        """Return one command that plays all of these: each of their journeys on each of their castings."""
        journeys = dict.fromkeys(cell["journey"] for cell in cells)
        castings = dict.fromkeys(cell["casting"] for cell in cells)
        return " ".join((self.words, *map(shell_word, journeys), *map(self.option, castings)))

    def option(self, casting: str) -> str:
        """Return a casting as an option: a target's name, or who is played where."""
        return f"{'--target' if casting in self._targets else '--cast'} {shell_word(casting)}"


def quickest(cells: Iterable[CellRecord]) -> CellRecord:
    """Return the cell that takes least time to be played again."""
    return min(cells, key=lambda cell: (cell["expected_s"], cell["journey"], cell["casting"]))


def shell_word(text: str) -> str:
    """Return a text that a shell takes as that one word, on one line."""
    return shlex.quote(" ".join(text.split()) if text.split() else text)
