from __future__ import annotations

from pathlib import Path

from flutter_bridge import Box, Finder, Node, Role, Tree, by
from flutter_bridge.finders import nearest_names, not_found_error

TREE = Tree(
    Node(
        children=(
            Node(role=Role.BUTTON, identifier="sign-in-submit", label="Sign in"),
            Node(role=Role.TEXT_FIELD, identifier="sign-in-email", label="E-mail"),
            Node(role=Role.TEXT, label="Welcome\nback"),
            Node(role=Role.BUTTON, label="Sign out", visible=False),
        )
    ),
    Box(0, 0, 400, 300),
)
EMPTY = Tree(Node(), Box(0, 0, 400, 300))


def test_the_closest_name_comes_first() -> None:
    assert nearest_names(by.label("Sing in"), TREE)[0] == 'button "Sign in"'
    assert nearest_names(by.identifier("sign-in-mail"), TREE)[0] == 'identifier "sign-in-email"'
    assert nearest_names(by.role(Role.BUTTON, name="Sign On"), TREE)[0] == 'button "Sign in"'


def test_what_cannot_be_seen_is_not_named() -> None:
    assert not any("Sign out" in name for name in nearest_names(by.label("Sign out"), TREE, count=100))


def test_the_error_is_one_line_with_all_that_helps() -> None:
    error = not_found_error(by.label("Sing in"), TREE, waited=2, screenshot=Path("shots/web-1.png"))
    said = str(error)
    assert said.startswith('by.label("Sing in") is not on screen (waited 2.0 s); nearest: button "Sign in", ')
    assert said.endswith("; screenshot: shots/web-1.png")
    assert "\n" not in said
    assert error.nearest[0] == 'button "Sign in"'
    assert error.screenshot == Path("shots/web-1.png")


def test_the_error_says_what_was_wrong_with_a_node_that_was_there() -> None:
    finder: Finder = by.identifier("sign-in-submit")
    assert 'by.identifier("sign-in-submit") is disabled (waited' in str(
        not_found_error(finder, TREE, waited=1, why="is disabled")
    )


def test_an_empty_screen_is_called_so() -> None:
    assert "nothing on screen has a name" in str(not_found_error(by.label("x"), EMPTY, waited=1))
