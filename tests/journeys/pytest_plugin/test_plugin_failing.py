"""What plain pytest shows of a journey that did not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Run

LOST = """
    import urllib.request

    from flutter_bridge import AppUnreachable
    from journeys import journey

    def asked():
        try:
            urllib.request.urlopen("nonsense:")
        except OSError as error:
            raise AppUnreachable("the app is gone: is it running?") from error

    @journey("Somebody looks")
    async def somebody_looks(): asked()
"""
SAID = "flutter_bridge.errors.AppUnreachable: the app is gone: is it running?"


def test_a_failure_is_one_line_and_where_the_script_met_it(run: Run) -> None:
    lines = [line for line in run(test_it=LOST).outlines if line.strip(" ^")]
    start = next(number for number, line in enumerate(lines) if line.startswith("____"))
    assert lines[start + 1 : start + 6] == [
        "test_it.py:13: in somebody_looks",
        "    async def somebody_looks(): asked()",
        "test_it.py:10: in asked",
        '    raise AppUnreachable("the app is gone: is it running?") from error',
        f"E   {SAID}",
    ]
    assert not any("urlopen" in line for line in lines)


@pytest.mark.parametrize("option", ["--tb=long", "--full-trace", "--journey-debug"])
def test_what_lies_below_is_there_for_those_who_ask(run: Run, option: str) -> None:
    text = "\n".join(run(option, test_it=LOST).outlines)
    assert "urlopen error unknown url type: nonsense" in text
    assert "The above exception was the direct cause" in text
    assert SAID in text


def test_what_fails_before_a_journey_begins_is_shown_alike(run: Run) -> None:
    broken = "import pytest\n    @pytest.fixture\n    def broken(): asked()\n    @journey"
    script = LOST.replace("@journey", broken).replace("looks(): asked()", "looks(broken): ...")
    lines = run(test_it=script).outlines
    assert f"E   {SAID}" in lines
    assert not any("urlopen error" in line for line in lines)


def test_a_script_that_is_wrong_itself_is_shown_as_pytest_does(run: Run) -> None:
    script = LOST.replace("looks(): asked()", "looks(): assert [1] == [len(str(asked))]")
    assert any(line.startswith("E     At index 0 diff: 1 != ") for line in run(test_it=script).outlines)
    script = LOST.replace("looks(): asked()", "looks(): urllib.request.urlopen('nonsense:')")
    text = "\n".join(run(test_it=script).outlines)
    assert "urllib.error.URLError: <urlopen error unknown url type: nonsense>" in text
    assert "def unknown_open" in text
