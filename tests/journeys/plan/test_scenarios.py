"""The page of scenarios: what a journey's code says, in words, and where a page says something else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from journeys import Journey, appears
from journeys.errors import UsageError
from journeys.plan import differences, format_scenarios
from journeys.plan.script import Line, read_script
from tests.journeys.cli.command import finish

JOURNEYS = '''
from journeys.journey import journey

@journey("A coat is paid", priority="P0", seam="till", kind="edge", timeout=90)
async def coat_is_paid(cast, coins):
    """What is taken
    is paid for."""
    ada = await cast.customer("ada", coins=coins.take(3))
    await ada.till.pay("coat")
    await ada.till.expect("Thank you")
'''


PROJECT = """
[tool.journeys]
paths = ["test_shop.py"]
plan = "PLAN.md"
[tool.pytest.ini_options]
# Plugins that take their time to be imported, and have no business here.
addopts = [
    "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:flet",
    "-p", "no:playwright-asyncio", "-p", "no:xdist", "-p", "no:pytest_cov",
]
"""


async def everything(cast: Any, pictures: Any, *, observers: int) -> None:
    """Not a line of this is run."""
    alice = await cast.member("alice", picture=pictures.fresh(), posts=["One", "Two"])
    bob, carol = await cast.members("bob", "carol")
    crowd = await cast.crowd(observers)
    default = await cast.default_picture()
    post = bob.feed.post_by(alice)
    async with cast.propagation(within=1.5) as change:
        change.expect(default, on=alice.profile_screen)
        change.expect(appears(), on=post)
        for onlooker in crowd:
            change.expect("Hello", on=onlooker.on(Shop).last_message)
        await alice.profile_screen.remove_picture(leaves=default)
    await carol.on(Chat, bob).send(f"Hello {observers}")
    receipt = await alice.till.pay(10, with_card=True)
    assert receipt.total == 10
    async with cast.expect_never(default, alice.header, post):
        if observers > 2:
            await bob.restart_app()
    await post.expect_text("One")
    await sign_out(bob)


# What the code above would need to run.
Shop: Any = None
Chat: Any = None
sign_out: Any = None


def journey_of(script: Callable[..., Awaitable[None]]) -> Journey:
    return Journey(
        id=script.__name__,
        name="Somebody looks",
        priority="P1",
        phase=None,
        module=script.__module__,
        description="See what there is.",
        script=script,
    )


def test_a_journeys_code_is_said_in_words() -> None:
    script = read_script(journey_of(everything))
    assert script.people == [
        "alice: member, picture: fresh pictures, posts: “One” and “Two”",
        "bob, carol: members",
        "crowd: crowd observers",
    ]
    assert script.given == ["default: default picture"]
    assert (script.fixtures, script.apps, script.has_groups) == (["pictures", "observers"], 4, True)
    assert script.lines == [
        Line(0, "a change, which is seen within 1.5 s:"),
        Line(1, "alice's profile screen shows *default*", is_seen=True),
        Line(1, "bob's feed, post by alice appears", is_seen=True),
        Line(1, "for each onlooker of crowd:"),
        Line(2, "onlooker's Shop, last message shows “Hello”", is_seen=True),
        Line(1, "alice's profile screen: remove picture, leaves: *default*"),
        Line(0, "carol's Chat (bob): send `f'Hello {observers}'`"),
        Line(0, "alice's till: pay 10, with card: True, which gives receipt"),
        Line(0, "`receipt.total == 10`", is_seen=True),
        Line(0, "meanwhile never *default* on alice's header and bob's feed, post by alice:", is_seen=True),
        Line(1, "where `observers > 2`:"),
        Line(2, "bob: restart app"),
        Line(0, "bob's feed, post by alice: text “One”", is_seen=True),
        Line(0, "sign out bob"),
    ]


def test_a_seam_that_no_plan_has_is_refused() -> None:
    looked = replace(journey_of(everything), seams=("sing-in",))
    assert "- **Covers**: sing-in\n" in format_scenarios([looked])
    with pytest.raises(UsageError, match="everything covers sing-in, which is in no row of the test plan"):
        format_scenarios([looked], seams=["sign-in", "feed"])


def test_a_page_that_differs_names_the_scenarios() -> None:
    first, second = journey_of(everything), replace(journey_of(everything), name="Somebody leaves")
    page = format_scenarios([first, second])
    assert differences(page, page) == []
    assert differences(page.replace("bob: restart app", "bob: rests", 1), page) == ["Somebody looks"]
    assert differences(format_scenarios([first]), page) == ["", "Somebody leaves"]
    assert differences("", page) == ["", "Somebody looks", "Somebody leaves"]


def test_the_page_is_written_and_held_to_the_code(tmp_path: Path) -> None:
    (tmp_path / "test_shop.py").write_text(JOURNEYS)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "PLAN.md").write_text("| id | priority | tests |\n|---|---|---|\n| till | P2 | |\n")
    code, out, err = finish("plan", "scenarios", "--check", folder=tmp_path)
    assert (code, err) == (1, "")
    assert "docs/scenarios.md differs: A coat is paid\n" in out
    assert not (tmp_path / "docs").exists()

    assert finish("plan", "scenarios", folder=tmp_path)[0] == 0
    page = (tmp_path / "docs/scenarios.md").read_text()
    assert "| [A coat is paid](#a-coat-is-paid) | P0 | edge | till |\n" in page
    assert page.endswith(
        "## A coat is paid\n\n"
        "What is taken is paid for.\n\n"
        "- **Journey**: `coat_is_paid` in `test_shop`, P0, edge\n"
        "- **Covers**: till\n"
        "- **Cast**: ada: customer, coins: take 3 coins\n"
        "- **Takes**: 1 app; fixtures `coins`; at most 2 min\n\n"
        "1. ada's till: pay “coat”\n"
        "2. **see** ada's till shows “Thank you”\n"
    )
    assert finish("plan", "scenarios", "--check", folder=tmp_path)[0] == 0

    (tmp_path / "test_shop.py").write_text(JOURNEYS.replace('seam="till"', 'seam="tills"'))
    code, out, err = finish("plan", "scenarios", folder=tmp_path)
    assert (code, out) == (2, "")
    assert err == (
        "journeys: error: test_shop: coat_is_paid covers tills, which is in no row of the test plan: "
        "did you mean till?\n"
    )
