from __future__ import annotations

import re

import pytest

from flutter_bridge import Box, Finder, Node, Role, Tree, by

SCREEN = Box(0, 0, 400, 300)


def post(author: str, text: str, *, visible: bool = True) -> Node:
    return Node(
        role=Role.GROUP,
        label=f"Post by {author}",
        visible=visible,
        children=(
            Node(role=Role.IMAGE, identifier="avatar", label=f"Avatar of {author}", visible=visible),
            Node(role=Role.TEXT, identifier="text", label=text, visible=visible),
        ),
    )


TREE = Tree(
    Node(
        children=(
            Node(role=Role.TEXT_FIELD, identifier="compose", label="Say it", value="Hello\nworld"),
            post("Ada", "First"),
            post("Grace", "Second"),
        )
    ),
    SCREEN,
)


def labels_of_all(finder: Finder) -> list[str]:
    return [node.label for node in finder.all_matches_in(TREE)]


def test_an_identifier_is_compared_whole() -> None:
    assert labels_of_all(by.identifier("avatar")) == ["Avatar of Ada", "Avatar of Grace"]
    assert labels_of_all(by.identifier("avat")) == []


def test_a_label_is_compared_whole_or_searched() -> None:
    assert labels_of_all(by.label("Avatar of Ada")) == ["Avatar of Ada"]
    assert labels_of_all(by.label("Avatar")) == []
    assert labels_of_all(by.label(re.compile("^Avatar"))) == ["Avatar of Ada", "Avatar of Grace"]


@pytest.mark.parametrize("text", ["Say it", "Hello\nworld", "world", re.compile("wor")])
def test_text_is_the_label_the_value_or_one_of_its_lines(text: str | re.Pattern[str]) -> None:
    assert labels_of_all(by.text(text)) == ["Say it"]


def test_a_role_may_be_narrowed_by_name() -> None:
    assert labels_of_all(by.role(Role.IMAGE)) == ["Avatar of Ada", "Avatar of Grace"]
    assert labels_of_all(by.role(Role.IMAGE, name=re.compile("Grace"))) == ["Avatar of Grace"]


def test_within_looks_below_the_scope_only() -> None:
    assert labels_of_all(by.identifier("text").within(by.label("Post by Grace"))) == ["Second"]
    assert labels_of_all(by.label("Post by Grace").within(by.label("Post by Grace"))) == []


def test_within_looks_into_what_was_folded_into_the_scope() -> None:
    tree = Tree(Node(children=(Node(identifier="card", label="Ada", is_folded=True),)), SCREEN)
    assert by.label("Ada").within(by.identifier("card")).first_match_in(tree) is not None


def test_scopes_nest() -> None:
    inner = by.role(Role.IMAGE).within(by.label("Post by Ada"))
    assert inner.within(by.role(Role.GROUP).nth(0)).scope == by.label("Post by Ada").within(
        by.role(Role.GROUP).nth(0)
    )


@pytest.mark.parametrize(
    ("index", "expected"), [(0, "First"), (1, "Second"), (-1, "Second"), (-2, "First"), (2, None), (-3, None)]
)
def test_nth_counts_in_reading_order_from_either_end(index: int, expected: str | None) -> None:
    node = by.identifier("text").nth(index).first_match_in(TREE)
    assert (node.label if node else None) == expected


def test_the_visible_one_comes_first() -> None:
    tree = Tree(Node(children=(post("Ada", "Hidden", visible=False), post("Ada", "Seen"))), SCREEN)
    node = by.identifier("text").first_match_in(tree)
    assert node is not None
    assert node.label == "Seen"


@pytest.mark.parametrize(
    "written",
    [
        'by.identifier("post")',
        'by.label("a \\"b\\"")',
        'by.text(re.compile("^a"))',
        'by.role(image, name="Ada")',
        'by.identifier("a").within(by.label("b")).nth(0)',
        'by.label("a").first',
    ],
)
def test_a_finder_is_shown_as_it_is_written(written: str) -> None:
    names = {"by": by, "re": re, "image": Role.IMAGE}
    assert str(eval(written, names)) == written  # noqa: S307 - the text above
