"""Every cell of a night for the list at the page's end: compact, as there may be tens of thousands."""

from __future__ import annotations

from typing import Any, Final

from journeys.farm.morning.evidence import Evidence
from journeys.farm.morning.page_data import Morning, passed
from journeys.farm.morning.rerun import shell_word

LETTERS: Final = {"passed": "p", "failed": "f", "inconclusive": "i", "error": "e", "not run": "n"}


def cell_list(morning: Morning, evidence: Evidence) -> dict[str, Any]:
    """Return the cells by journey and casting.

    `rows` has a string for each journey: a letter of `LETTERS` for each casting, `-` where there is no such
    cell. `found` has, for each cell that did not pass, the numbers of its journey, its casting and its
    cause, and where its results are: empty where they are missing.
    """
    cells = morning.night["cells"]
    journeys = {name: number for number, name in enumerate(dict.fromkeys(cell["journey"] for cell in cells))}
    castings = {name: number for number, name in enumerate(dict.fromkeys(cell["casting"] for cell in cells))}
    rows = [["-"] * len(castings) for _ in journeys]
    names = [""] * len(journeys)
    for cell in cells:
        journey = journeys[cell["journey"]]
        rows[journey][castings[cell["casting"]]] = LETTERS[cell["status"]]
        names[journey] = cell["name"]
    groups = [(section, group) for section in morning.sections for group in section.groups]
    found = [
        (journeys[cell["journey"]], castings[cell["casting"]], number, evidence.files(cell))
        for number, (_, group) in enumerate(groups)
        for cell in group.cells
    ]
    return {
        "command": morning.again.words,
        "journeys": [
            [name, word if (word := shell_word(name)) != name else "", names[number]]
            for name, number in journeys.items()
        ],
        "castings": [[name, morning.again.option(name)] for name in castings],
        "causes": [[group.id, group.title, section.title] for section, group in groups],
        "rows": ["".join(row) for row in rows],
        "found": found,
        "passed": sum(passed(cell) for cell in cells),
    }
