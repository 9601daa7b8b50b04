"""Reads what a journey does from its code, and says it in words: who takes part, what is given, each step.

Nothing is run, so that the words are what the code says and nothing else. What an actor, a screen or a
surface is called there is what the words call it: `alice.profile_screen.upload(picture)` is "alice's profile
screen: upload picture".
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from journeys.journey import Journey

_With: TypeAlias = ast.With | ast.AsyncWith
_Loop: TypeAlias = ast.For | ast.AsyncFor

CAST = "cast"
"""The fixture whose calls bring people in."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step, or what must be seen, so many levels deep in blocks."""

    depth: int
    text: str
    is_seen: bool = False


@dataclass(slots=True)
class Script:
    """What a journey's code says: its people, what is given to it, its lines, the fixtures it asks for.

    `apps` are how many it opens; with `has_groups`, some of them stand for several.
    """

    people: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    fixtures: list[str] = field(default_factory=list)
    apps: int = 0
    has_groups: bool = False


def read_script(journey: Journey) -> Script:
    """Return what a journey's code says; raises `OSError` where its source can't be had."""
    source = textwrap.dedent(inspect.getsource(journey.script))
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.AsyncFunctionDef)  # noqa: S101 - a journey is one
    return _Reader(function).script


class _Reader:
    """Walks over a function's statements in their order."""

    def __init__(self, function: ast.AsyncFunctionDef) -> None:
        arguments = function.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        self.script = Script(fixtures=[name for name in names if name != CAST])
        self._fixtures = {*names}
        self._each: set[str] = set()
        self._groups = _groups(function)
        self._acting = _names_with_attributes(function).union(self._groups) - self._fixtures
        self._places: dict[str, str] = {}
        self._changes: set[str] = set()
        body = function.body[1:] if ast.get_docstring(function) is not None else function.body
        self._read_all(body, 0)

    def _read_all(self, body: Sequence[ast.stmt], depth: int) -> None:
        for statement in body:
            self._read(statement, depth)

    def _read(self, statement: ast.stmt, depth: int) -> None:
        match statement:
            case ast.Pass():
                pass
            case ast.Assign(targets=[target], value=value):
                self._read_assignment(target, value, depth)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._read_assignment(target, value, depth)
            case ast.Expr(value=value):
                self._read_expression(_unwrap(value), depth)
            case ast.With() | ast.AsyncWith():
                self._read_block(statement, depth)
            case ast.For() | ast.AsyncFor():
                self._read_loop(statement, depth)
            case ast.If(test=test, body=body, orelse=other):
                self._add(depth, f"where {self._words(test)}:")
                self._read_all(body, depth + 1)
                if other:
                    self._add(depth, "otherwise:")
                    self._read_all(other, depth + 1)
            case ast.Assert(test=test):
                self._add(depth, self._words(test), is_seen=True)
            case _:
                self._add(depth, _code(statement))

    def _read_assignment(self, target: ast.expr, value: ast.expr, depth: int) -> None:
        names = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
        called = _unwrap(value)
        words = _spaced(", ".join(names))
        if isinstance(called, ast.Call) and _root(called) == CAST and set(names) & self._acting:
            self.script.people.append(f"{words}: {self._call_words(called, among=names)}")
            self.script.apps += len(names)
            self.script.has_groups |= bool(set(names) & self._groups)
        elif self._is_place(value) and called is value and len(names) == 1:
            self._places[names[0]] = self._words(value)
        elif self._is_place(called):
            self._add(depth, f"{self._action(called)}, which gives {words}")
        else:
            self.script.given.append(f"{words}: {self._words(called)}")

    def _read_expression(self, value: ast.expr, depth: int) -> None:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if _root(value) in self._changes and value.func.attr == "expect":
                self._add(depth, self._expectation(value), is_seen=True)
                return
            if value.func.attr.startswith(("expect", "should")):
                self._add(depth, self._sight(value.func, value), is_seen=True)
                return
        self._add(depth, self._action(value))

    def _read_block(self, statement: _With, depth: int) -> None:
        for item in statement.items:
            called = _unwrap(item.context_expr)
            name = (
                called.func.attr
                if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute)
                else ""
            )
            words = self._words(called)
            if name == "propagation" and isinstance(called, ast.Call):
                within = next((each.value for each in called.keywords if each.arg == "within"), None)
                budget = "in time" if within is None else f"within {self._words(within)} s"
                if isinstance(item.optional_vars, ast.Name):
                    self._changes.add(item.optional_vars.id)
                since = next((each.value for each in called.keywords if each.arg == "since"), None)
                after = "" if since is None else f" of {self._words(since)}"
                words = f"a change, which is seen {budget}{after}"
            elif name == "expect_never" and isinstance(called, ast.Call) and called.args:
                what, *places = (self._words(each) for each in called.args)
                self._add(depth, f"meanwhile never {what} on {_join_words(places)}:", is_seen=True)
                continue
            self._add(depth, f"{words}:")
        self._read_all(statement.body, depth + 1)

    def _read_loop(self, statement: _Loop, depth: int) -> None:
        self._each |= {each.id for each in ast.walk(statement.target) if isinstance(each, ast.Name)}
        self._add(depth, f"for each {self._words(statement.target)} of {self._words(statement.iter)}:")
        self._read_all(statement.body, depth + 1)

    def _add(self, depth: int, text: str, *, is_seen: bool = False) -> None:
        self.script.lines.append(Line(depth, text, is_seen))

    def _expectation(self, called: ast.Call) -> str:
        on = next((each.value for each in called.keywords if each.arg == "on"), None)
        others = [each for each in called.keywords if each.arg != "on"]
        what = self._arguments(called.args, others)
        return f"{'it' if on is None else self._words(on)} {_shows(called)}{what}"

    def _sight(self, method: ast.Attribute, called: ast.Call) -> str:
        what = self._arguments(called.args, called.keywords)
        place = self._words(method.value)
        if method.attr == "expect":
            return f"{place} {_shows(called)}{what}"
        return f"{place}: {_joined(method.attr.removeprefix('expect_'), what)}"

    def _action(self, value: ast.expr) -> str:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and _root(value) != CAST:
            what = self._arguments(value.args, value.keywords)
            return f"{self._words(value.func.value)}: {_joined(value.func.attr, what)}"
        return self._words(value)

    def _is_place(self, value: ast.expr) -> bool:
        root = _root(value)
        return root in self._acting or root in self._places

    def _words(self, value: ast.expr) -> str:
        match value:
            case ast.Await(value=inner) | ast.Starred(value=inner):
                words = self._words(inner)
            case ast.Constant(value=constant):
                words = f"“{constant}”" if isinstance(constant, str) else str(constant).removesuffix(".0")
            case ast.Name(id=name):
                words = self._places.get(name) or (
                    _spaced(name) if self._is_known(name) else f"*{_spaced(name)}*"
                )
            case ast.Attribute(value=inner, attr=name):
                words = self._place_words(inner, _spaced(name))
            case ast.Call(func=ast.Attribute(value=inner, attr="on"), args=[screen, *others]):
                of_what = f" ({', '.join(map(self._words, others))})" if others else ""
                words = self._place_words(inner, f"{self._words(screen).strip('*')}{of_what}")
            case ast.Call():
                words = self._call_words(value)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                inside = [self._words(each) for each in parts]
                words = _join_words(
                    f"({text})" if isinstance(each, ast.Tuple) else text
                    for each, text in zip(parts, inside, strict=True)
                )
            case _:
                words = _code(value)
        return words

    def _is_known(self, name: str) -> bool:
        return name in self._acting or name in self._fixtures or name in self._each

    def _place_words(self, inner: ast.expr, name: str) -> str:
        if isinstance(inner, ast.Name) and inner.id not in self._places:
            return f"{_spaced(inner.id)}'s {name}"
        return f"{self._words(inner)}, {name}"

    def _call_words(self, called: ast.Call, among: Sequence[str] = ()) -> str:
        arguments = self._arguments(
            [each for each in called.args if not (isinstance(each, ast.Constant) and each.value in among)],
            called.keywords,
        )
        if not isinstance(called.func, ast.Attribute):
            return _joined(
                called.func.id if isinstance(called.func, ast.Name) else _code(called.func), arguments
            )
        words = _joined(called.func.attr, arguments)
        if _root(called) == CAST and isinstance(called.func.value, ast.Name):
            return words
        if self._is_place(called):
            return self._place_words(called.func.value, words)
        return f"{words} {self._words(called.func.value)}"

    def _arguments(self, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> str:
        named = [f", {_spaced(each.arg or 'all')}: {self._words(each.value)}" for each in keywords]
        return "".join([", ".join(map(self._words, args)), *named])


def _names_with_attributes(function: ast.AsyncFunctionDef) -> set[str]:
    """Return the names that act, or are looked at: `alice` of `alice.header`."""
    return {
        each.value.id
        for each in ast.walk(function)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)
    }


def _groups(function: ast.AsyncFunctionDef) -> set[str]:
    """Return the names of what holds several that act: `crowd` of `for onlooker in crowd`."""
    acting = _names_with_attributes(function)
    return {
        each.iter.id
        for each in ast.walk(function)
        if isinstance(each, ast.For | ast.AsyncFor | ast.comprehension) and isinstance(each.iter, ast.Name)
        if acting & {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
    }


def _root(value: ast.expr) -> str | None:
    """Return the name that a chain of attributes and calls begins with."""
    while isinstance(value, ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        value = value.func if isinstance(value, ast.Call) else value.value
    return value.id if isinstance(value, ast.Name) else None


def _unwrap(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.Await) else value


def _shows(called: ast.Call) -> str:
    """Return the verb: what is expected has its own where it is a call, as `appears()`."""
    first = called.args[0] if called.args else None
    return "" if isinstance(first, ast.Call) and isinstance(first.func, ast.Name) else "shows "


def _joined(name: str, arguments: str) -> str:
    separator = "" if not arguments or arguments.startswith(",") else " "
    return f"{_spaced(name)}{separator}{arguments}"


def _spaced(name: str) -> str:
    return name.replace("_", " ").strip()


def _join_words(parts: Iterable[str]) -> str:
    *first, last = [*parts] or ["nothing"]
    return f"{', '.join(first)} and {last}" if first else last


def _code(node: ast.AST) -> str:
    return f"`{' '.join(ast.unparse(node).split())}`"
