"""The `-android uiautomator` locator: its grammar, what it matches, and how it swipes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_android.device import AndroidNode, PixelBounds
from fake_android.errors import (
    InvalidSelector,
    NoSuchElement,
    NotSupported,
    StaleElement,
    UiAutomatorError,
)
from fake_android.expressions import MAX_LOCATOR_CHARS, java_pattern
from fake_android.ui_scrollable import LookupScreen, find_by_ui_automator

Point = tuple[int, int]

SAVE = AndroidNode(
    class_name="android.widget.Button", content_desc="Save it", resource_id="save", clickable=True
)
DROP = AndroidNode(class_name="android.widget.Button", content_desc="Drop it", enabled=False)
NAME = AndroidNode(class_name="android.widget.EditText", text='Ada "A" Lovelace', focused=True)
EMPTY = AndroidNode(class_name="android.widget.EditText")
HIDDEN = AndroidNode(content_desc="Hidden", displayed=False)
FORM = AndroidNode(content_desc="Form\nof two", children=(HIDDEN, NAME, EMPTY), package="com.example.app")
BAR = AndroidNode(class_name="android.widget.LinearLayout", children=(SAVE, DROP), important=False)
WINDOW = AndroidNode(class_name="android.widget.FrameLayout", children=(FORM, BAR))


@dataclass
class Still(LookupScreen):
    """A screen that shows one window, whatever is done to it."""

    root: AndroidNode = WINDOW
    swipes: list[tuple[Point, Point, int]] = field(default_factory=list)

    async def window(self) -> AndroidNode:
        return self.root

    async def swipe(self, start: Point, end: Point, *, steps: int) -> None:
        self.swipes.append((start, end, steps))


async def find_all(text: str, *, context: AndroidNode | None = None) -> list[AndroidNode]:
    return await find_by_ui_automator(Still(), text, multiple=True, context=context)


async def find_first(text: str, *, context: AndroidNode | None = None) -> list[AndroidNode]:
    return await find_by_ui_automator(Still(), text, multiple=False, context=context)


# -- what fits


@pytest.mark.parametrize(
    ("criteria", "nodes"),
    [
        ('text("Ada \\"A\\" Lovelace")', [NAME]),
        ('text("ada")', []),
        ('text("")', [EMPTY]),
        ('textContains("LOVE")', [NAME]),
        ('textStartsWith("ada")', [NAME]),
        ('textMatches("Ada.*")', [NAME]),
        ('textMatches("Ada")', []),
        ('textMatches(".*")', [NAME, EMPTY]),
        ('description("Save it")', [SAVE]),
        ('descriptionContains("IT")', [SAVE, DROP]),
        ('descriptionStartsWith("drop")', [DROP]),
        ('descriptionMatches("Form.*two")', [FORM]),
        ('descriptionMatches("(?i)SAVE it")', [SAVE]),
        ('resourceId("save")', [SAVE]),
        ('resourceIdMatches("s[a-v]+e")', [SAVE]),
        ('className("android.widget.Button")', [SAVE, DROP]),
        ('packageName("com.example.app")', [FORM]),
        ('packageNameMatches("com[.]example[.].+")', [FORM]),
        ("clickable(true)", [SAVE]),
        ("enabled(false)", [DROP]),
        ("focused(true)", [NAME]),
        ("scrollable(true)", []),
        ('className("android.widget.Button").enabled(true)', [SAVE]),
        ("enabled(true).enabled(false)", [DROP]),
        ("index(2)", [EMPTY]),
        ("index(1).checkable(false).checked(false).focusable(false).longClickable(false)", [NAME, BAR, DROP]),
        ("selected(true)", []),
        ("index(-1)", []),
        ('description("Hidden")', []),
    ],
)
async def test_criteria_find_the_nodes_that_fit_in_document_order(
    criteria: str, nodes: list[AndroidNode]
) -> None:
    for text in (f"new UiSelector().{criteria}", f"UiSelector().{criteria}", f".{criteria}", f" {criteria};"):
        assert await find_all(text) == nodes
        assert await find_first(text) == nodes[:1]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ('className("android.widget.Button").instance(1)', [DROP]),
        ('className("android.widget.Button").instance(2)', []),
        ('className("android.widget.Button").instance(-1)', []),
        ('description("Save it").childSelector(text("x"))', []),
        ('className("android.widget.LinearLayout").childSelector(new UiSelector().enabled(false))', [DROP]),
        ('className("android.widget.LinearLayout").childSelector(index(1))', [DROP]),
        ('index(1).childSelector(className("android.widget.Button").instance(1))', [DROP]),
        ('description("Save it").fromParent(description("Drop it"))', [DROP]),
        ('description("Form\nof two").fromParent(description("Drop it"))', [DROP]),
        ('className("android.widget.FrameLayout").fromParent(index(0))', []),
        (
            'className("android.widget.FrameLayout").childSelector(index(1)).childSelector(enabled(false))',
            [DROP],
        ),
        ('classNameMatches(".*Button")', [SAVE, DROP]),
        ('classNameMatches(".*EditText")', []),
    ],
    ids=str,
)
async def test_instances_children_and_siblings(text: str, nodes: list[AndroidNode]) -> None:
    """The last two are the server's own way: it numbers the matches of a class's pattern by their index."""
    assert await find_all(text) == nodes


async def test_the_statements_of_a_locator_are_united_and_nothing_is_found_twice() -> None:
    text = 'description("Drop it"); className("android.widget.Button") ;text("a;b")'
    assert await find_all(text) == [DROP, SAVE]
    assert await find_first('description("nowhere"); description("Save it")') == []


async def test_a_search_stays_below_its_node_unless_it_says_which_instance() -> None:
    assert await find_all('className("android.widget.Button")', context=BAR) == [SAVE, DROP]
    assert await find_all('className("android.widget.LinearLayout")', context=BAR) == []
    assert await find_all('className("android.widget.Button")', context=FORM) == []
    assert await find_all('className("android.widget.Button").instance(1)', context=FORM) == [DROP]
    assert await find_first('className("android.widget.Button").instance(1)', context=BAR) == [DROP]


async def test_a_node_to_start_from_is_known_again_by_its_reference() -> None:
    before = AndroidNode(ref="list", text="old")
    now = AndroidNode(ref="list", text="new", children=(SAVE,))
    screen = Still(AndroidNode(children=(now,)))
    found = await find_by_ui_automator(screen, "clickable(true)", multiple=True, context=before)
    assert found == [SAVE]
    with pytest.raises(StaleElement, match="no longer attached"):
        await find_by_ui_automator(screen, "clickable(true)", multiple=True, context=AndroidNode(ref="gone"))


# -- what can't be read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Tried to parse an empty string"),
        ("new UiSelector", "Unclosed paren"),
        ("new UiSelector(", "Unclosed paren"),
        ('new UiSelector("x").text("y")', r"no suitable constructor with arguments \[\"x\"\]"),
        ('new UiSelector()text("x")', 'Expected "." at position 16'),
        ("new UiSelector().", "No opening parenthesis after method name at position 17"),
        ("new UiSelector().()", "Missing method name"),
        ('text("x"', "Unclosed paren"),
        ('text("x)', "Unclosed paren"),
        ('tex("x")', "UiSelector has no `tex` method"),
        ("text()", r"doesn't have suitable method `text` with arguments \[\].*Actual: 0. Expected: 1."),
        ('text("a", "b")', "Actual: 2. Expected: 1."),
        ('text("a",)', "Missing argument"),
        (
            'childSelector(text("a", "b"))',
            r"`childSelector` with arguments \[text\(\"a\", \"b\"\)\].*Actual: 2",
        ),
        ("text(x)", "x is not a string"),
        ("text('x')", "'x' is not a string"),
        ('enabled("true")', '"true" is not a boolean'),
        ("instance(one)", "one is not a integer"),
        ("instance(99999999999)", "is not a integer"),
        ('childSelector("x")', "No opening parenthesis"),
        ("childSelector(foo(1))", "UiSelector has no `foo` method"),
        ('new UiObject().text("x")', "UiSelector has no `new UiObject` method"),
        (
            "new UiScrollable().scrollForward()",
            r"UiScrollable has no suitable constructor with arguments \[\]",
        ),
        ("new UiScrollable(scrollable(true)).click()", "UiScrollable has no `click` method"),
        ("new UiScrollable(scrollable(true)).scrollIntoView()", "Actual: 0. Expected: 1."),
        ("new UiScrollable(index(0)).setSwipeDeadZonePercentage(much)", "much is not a double"),
    ],
)
async def test_what_the_server_cannot_parse_is_an_invalid_selector_in_its_words(text: str, why: str) -> None:
    with pytest.raises(InvalidSelector, match=why) as raised:
        await find_all(text)
    assert raised.value.error == "invalid selector"
    assert str(raised.value).startswith("Could not parse selector expression `")


async def test_a_locator_without_end_is_refused() -> None:
    with pytest.raises(InvalidSelector, match="10001 characters"):
        await find_all("x" * (MAX_LOCATOR_CHARS + 1))


@given(st.text(st.sampled_from('abtext().,;"\\ 01newUiSelector'), max_size=40))
async def test_whatever_the_locator_it_finds_nodes_or_is_refused(text: str) -> None:
    try:
        nodes = await find_all(text)
    except UiAutomatorError:
        return
    assert set(nodes) <= set(WINDOW.walk())


# -- patterns


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a+", "aaa", True),
        ("a", "ab", False),
        ("a.b", "a\nb", False),
        ("a.b", "a\u2028b", False),
        (r"\Qa.b\E+", "a.bb", True),
        (r"\Qa.b", "a.b", True),
        (r"\Qa.b\E", "axb", False),
        ("(?<x>a)\\k<x>", "aa", True),
        (r"a\z", "a", True),
        (r"\d{2}\u0041", "42A", True),
        ("[^a-c&]]", "d]", True),
        (r"[.\]]", "]", True),
        ("a++b", "aab", True),
        ("(?i)É", "é", True),
        ("(?:a|b)(?=c)c", "bc", True),
        ("^a$", "a", True),
    ],
)
def test_a_pattern_means_what_it_means_to_android(pattern: str, text: str, fits: bool) -> None:
    assert (java_pattern(pattern).fullmatch(text) is not None) is fits


@pytest.mark.parametrize(
    "pattern", [r"\p{Lu}", "[a[b]]", "[a&&b]", "(?x)a", "a(?i)b", r"\h", r"\R", r"\G", r"[\p{L}]", "a" * 1001]
)
def test_a_pattern_that_python_cannot_match_alike_is_refused(pattern: str) -> None:
    with pytest.raises(NotSupported):
        java_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a", "a**", "{1", "*"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(UiAutomatorError, match="PatternSyntaxException"):
        java_pattern(pattern)


@given(st.text(max_size=12), st.text(max_size=8))
def test_whatever_the_pattern_it_matches_or_is_refused(pattern: str, text: str) -> None:
    try:
        compiled = java_pattern(pattern)
    except UiAutomatorError:
        return
    compiled.fullmatch(text)


# -- swipes

ROWS = 12
VISIBLE = 3


class Scrolling(LookupScreen):
    """A list of twelve rows, of which three are seen at a time; a swipe of a row's height moves it by one."""

    def __init__(self, *, at: int = 0, sideways: bool = False) -> None:
        self.at = at
        self.sideways = sideways
        self.swipes: list[tuple[Point, Point, int]] = []

    async def window(self) -> AndroidNode:
        rows = tuple(
            AndroidNode(
                content_desc=f"Row {number}",
                class_name="android.widget.TextView",
                text=f"Text {number}",
                ref=f"row-{number}",
                bounds=self._box(number - self.at, 1),
            )
            for number in range(self.at, self.at + VISIBLE)
        )
        pane = AndroidNode(scrollable=True, children=rows, bounds=self._box(0, VISIBLE), ref="list")
        return AndroidNode(
            children=(pane, AndroidNode(content_desc="Outside")), bounds=PixelBounds(0, 0, 900, 900)
        )

    def _box(self, first: int, count: int) -> PixelBounds:
        if self.sideways:
            return PixelBounds(100 * first, 0, 100 * (first + count), 100)
        return PixelBounds(0, 100 * first, 100, 100 * (first + count))

    async def swipe(self, start: Point, end: Point, *, steps: int) -> None:
        self.swipes.append((start, end, steps))
        axis = 0 if self.sideways else 1
        rows = (start[axis] - end[axis]) // 100
        self.at = min(max(self.at + rows, 0), ROWS - VISIBLE)


LIST = "new UiScrollable(new UiSelector().scrollable(true))"


async def swiped(screen: Scrolling, text: str) -> list[str | None]:
    nodes = await find_by_ui_automator(screen, text, multiple=False)
    return [node.content_desc for node in nodes]


@pytest.mark.parametrize(
    ("method", "description"),
    [
        ('scrollIntoView(new UiSelector().description("Row 7"))', "Row 7"),
        ('scrollIntoView(description("Row 11"))', "Row 11"),
        ('scrollTextIntoView("Text 8")', "Row 8"),
        ('scrollDescriptionIntoView("Row 5")', "Row 5"),
        ('getChildByText(className("android.widget.TextView"), "Text 9")', "Row 9"),
        ('getChildByDescription(className("android.widget.TextView"), "Row 6", true)', "Row 6"),
        ('getChildByInstance(className("android.widget.TextView"), 1)', "Row 1"),
        ("scrollToEnd(20)", None),
        ("scrollForward()", None),
    ],
)
async def test_a_scrollable_is_swiped_until_what_is_wanted_is_seen(
    method: str, description: str | None
) -> None:
    assert await swiped(Scrolling(), f"{LIST}.{method}") == [description]


async def test_from_further_on_the_search_begins_at_the_beginning() -> None:
    screen = Scrolling(at=9)
    assert await swiped(screen, f'{LIST}.scrollTextIntoView("Text 0")') == ["Row 0"]
    assert screen.at == 0


async def test_what_is_on_screen_already_needs_no_swipe_wherever_it_is() -> None:
    screen = Scrolling()
    assert await swiped(screen, f'{LIST}.scrollIntoView(description("Outside"))') == ["Outside"]
    nowhere = 'new UiScrollable(text("no list")).scrollIntoView(description("Row 1"))'
    assert await swiped(screen, nowhere) == ["Row 1"]
    assert screen.swipes == []


async def test_what_is_in_no_list_is_not_found_and_the_search_ends_where_nothing_moves() -> None:
    screen = Scrolling()
    assert await swiped(screen, f'{LIST}.scrollIntoView(description("Row 99"))') == []
    assert screen.at == ROWS - VISIBLE


async def test_a_swipe_leaves_a_tenth_at_either_end_and_is_slow_unless_it_flings() -> None:
    screen = Scrolling()
    await swiped(screen, f"{LIST}.scrollForward().flingBackward().scrollForward(10)")
    assert screen.swipes == [((50, 270), (50, 30), 55), ((50, 30), (50, 270), 5), ((50, 270), (50, 30), 10)]


async def test_a_list_that_lies_is_swiped_sideways() -> None:
    screen = Scrolling(sideways=True)
    await swiped(screen, f"{LIST}.setAsHorizontalList().setSwipeDeadZonePercentage(0.2).scrollForward()")
    assert screen.swipes == [((240, 50), (60, 50), 55)]


async def test_swipes_end_where_they_are_limited() -> None:
    screen = Scrolling()
    await swiped(screen, f'{LIST}.setMaxSearchSwipes(1).scrollIntoView(description("Row 11"))')
    assert len(screen.swipes) == 2
    assert screen.at == 2


async def test_after_a_setter_and_swipes_the_server_finds_the_list_itself() -> None:
    """As a device does: the setter's own result is the last object among the results."""
    text = f'{LIST}.setMaxSearchSwipes(9).scrollIntoView(description("Row 8"))'
    screen = Scrolling()
    (node,) = await find_by_ui_automator(screen, text, multiple=False)
    assert node.ref == "list"
    assert await swiped(screen, text) == ["Row 8"]


async def test_a_list_that_is_not_there_and_a_child_that_is_not_in_it_are_no_elements() -> None:
    with pytest.raises(NoSuchElement):
        await swiped(Scrolling(), 'new UiScrollable(text("no list")).scrollTextIntoView("Text 5")')
    with pytest.raises(NoSuchElement, match='for text= "Text 99"'):
        await swiped(Scrolling(), f'{LIST}.getChildByText(className("android.widget.TextView"), "Text 99")')
    assert (
        await swiped(Scrolling(), f'{LIST}.getChildByInstance(className("android.widget.TextView"), 7)') == []
    )


async def test_statements_are_swiped_in_turn_before_anything_is_looked_for() -> None:
    screen = Scrolling()
    text = f'description("Row 0"); {LIST}.scrollTextIntoView("Text 11")'
    nodes = await find_by_ui_automator(screen, text, multiple=True)
    assert [node.content_desc for node in nodes] == ["Row 11"]


def test_nodes_are_themselves_not_their_equals() -> None:
    """What the assertions above rest on."""
    assert replace(SAVE) != SAVE
