"""What an action does where its finder fits several nodes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from flutter_bridge import ActionFailed, Box, Finder, Node, Role, Tree, by
from flutter_bridge.ambiguity import describe_ambiguity, things_meant
from flutter_bridge.web import WebApp
from tests.flutter_bridge.test_web_covers import node, page, tappable, took, view

Show = Callable[[str], Awaitable[WebApp]]

SCREEN = Box(0, 0, 400, 800)


def button(label: str, top: float, **rest: object) -> Node:
    return Node(role=Role.BUTTON, label=label, box=Box(0, top, 100, 40), **rest)  # type: ignore[arg-type]


def row(name: str, top: float, *inside: Node) -> Node:
    return Node(
        role=Role.GROUP,
        label=f"{name}\nDelete",
        identifier=f"row-{name}",
        box=Box(0, top, 400, 100),
        children=inside,
    )


MILK, EGGS = button("Delete", 0), button("Delete", 100)
LIST = Tree(Node(children=(row("milk", 0, MILK), row("eggs", 100, EGGS))), SCREEN)


def meant(finder: Finder, *nodes: Node, role: Role | None = None) -> list[Node]:
    return things_meant(finder, Tree(Node(children=nodes), SCREEN), role)


def test_one_match_is_meant() -> None:
    save = button("Save", 0)
    assert meant(by.label("Save"), save, button("Send", 50)) == [save]


def test_two_different_ones_are_both_meant() -> None:
    assert things_meant(by.label("Delete"), LIST) == [MILK, EGGS]


def test_what_can_not_be_seen_is_not_meant_beside_what_can() -> None:
    hidden, seen = button("Save", 0, visible=False), button("Save", 50)
    assert meant(by.label("Save"), hidden, seen) == [seen]
    assert meant(by.label("Save"), hidden) == [hidden]


def test_what_is_in_one_another_is_one_thing() -> None:
    text = Node(role=Role.TEXT, label="Save", box=Box(10, 10, 20, 20))
    save = button("Save", 0, children=(text,))
    assert meant(by.text("Save"), save) == [save]


def test_a_group_that_says_what_its_button_says_stands_for_the_button() -> None:
    assert meant(by.text("Delete"), row("milk", 0, MILK)) == [MILK]


def test_what_has_the_same_place_is_one_thing() -> None:
    tooltip = Node(role=Role.TEXT, label="Save", box=Box(0, 0, 100, 40))
    assert meant(by.label("Save"), tooltip, button("Save", 0)) == [tooltip]


def test_typing_means_the_field_and_not_what_is_written_over_it() -> None:
    caption = Node(role=Role.TEXT, label="Name", box=Box(0, 0, 100, 20))
    field = Node(role=Role.TEXT_FIELD, label="Name", box=Box(0, 30, 100, 40))
    assert meant(by.text("Name"), caption, field, role=Role.TEXT_FIELD) == [field]
    assert meant(by.text("Name"), caption, field) == [caption, field]


@pytest.mark.parametrize(
    ("finder", "wanted"),
    [
        (by.label("Delete").nth(1), EGGS),
        (by.label("Delete").nth(-1), EGGS),
        (by.label("Delete").first, MILK),
        (by.label("Delete").within(by.identifier("row-eggs")), EGGS),
    ],
    ids=str,
)
def test_one_of_several_is_named(finder: Finder, wanted: Node) -> None:
    assert things_meant(finder, LIST) == [wanted]


def test_the_first_is_the_first_that_can_be_seen() -> None:
    hidden, seen = button("Save", 0, visible=False), button("Save", 50)
    assert meant(by.label("Save").first, hidden, seen, button("Save", 100)) == [seen]


def test_a_refusal_says_what_there_is_and_how_to_name_one_of_it() -> None:
    finder = by.label("Delete")
    assert describe_ambiguity(finder, LIST, things_meant(finder, LIST)) == (
        'by.label("Delete") fits 2 things on screen: '
        '.nth(0) button "Delete" within(by.identifier("row-milk")), '
        '.nth(1) button "Delete" within(by.identifier("row-eggs")); say which by .within(…), '
        "by.role(…, name=…) or .nth(…), or .first if it is all the same"
    )


def test_a_refusal_names_a_few_of_many() -> None:
    many = Tree(Node(children=tuple(button("Like", 50 * place) for place in range(9))), SCREEN)
    message = describe_ambiguity(by.label("Like"), many, things_meant(by.label("Like"), many))
    assert message.count('button "Like"') == 4
    assert " and 5 more; " in message


# -- in an app

TWO = (tappable(3, (20, 20, 100, 40), "Delete"), tappable(4, (20, 100, 100, 40), "Delete"))


async def test_an_action_on_several_things_is_refused_and_looking_takes_the_first(show_page: Show) -> None:
    app = await show_page(page(view(*TWO)))
    assert (await app.find(by.label("Delete"))).box.top == 20
    with pytest.raises(
        ActionFailed, match=r'^by.label\("Delete"\) fits 2 things on screen: \.nth\(0\) button'
    ):
        await app.tap(by.label("Delete"), timeout=0.2)
    assert await took(app) == []
    await app.tap(by.label("Delete").nth(1))
    await app.tap(by.label("Delete").first)
    assert await took(app) == ["Delete", "Delete"]


async def test_what_is_there_twice_for_a_moment_is_waited_for(show_page: Show) -> None:
    """As while one screen slides over another."""
    late = "<script>setTimeout(() => document.querySelector('#flt-semantic-node-3').remove(), 300)</script>"
    app = await show_page(page(view(*TWO), late))
    await app.tap(by.label("Delete"))
    assert await took(app) == ["Delete"]


async def test_typing_picks_the_field_of_a_name_that_stands_over_it_too(show_page: Show) -> None:
    caption = node(3, (20, 20, 100, 20), "Name")
    field = node(4, (20, 50, 200, 40), '<input aria-label="Name" style="width:200px; height:40px">')
    app = await show_page(page(view(caption, field)))
    await app.enter_text(by.text("Name"), "Ada")
    assert (await app.find(by.role(Role.TEXT_FIELD))).value == "Ada"
