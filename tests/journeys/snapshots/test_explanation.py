"""Regions with their reasons, the line that sums a screen up, and what makes two changes one cause."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image, ImageDraw

from flutter_bridge import Node, Role, Tree
from journeys.snapshots.comparison import Difference, compare
from tests.journeys.snapshots.drawn import button, node, screen, tree

SAVE = node(Role.BUTTON, "Save", (120, 100, 60, 24))
TITLE = node(Role.HEADING, "Profile", (0, 0, 200, 20))


def saved_at(left: int, top: int) -> tuple[Image.Image, Tree]:
    box = replace(SAVE.box, left=left, top=top)
    return screen(button(left, top)), tree(TITLE, replace(SAVE, box=box))


def held(after: tuple[Image.Image, Tree], before: tuple[Image.Image, Tree]) -> Difference:
    return compare(after[0], before[0], tree=after[1], baseline_tree=before[1])


def test_a_region_says_what_happened_to_the_node_in_it() -> None:
    found = held(saved_at(120, 108), saved_at(120, 100))
    assert {region.reasons for region in found.regions} == {("button “Save” moved 8 px down",)}
    assert found.summary == "button “Save” moved 8 px down"


def test_a_region_is_not_blamed_for_what_happened_elsewhere() -> None:
    after = (
        screen(button(120, 108), lambda pen: pen.rectangle((20, 130, 60, 140), fill="red")),
        saved_at(120, 108)[1],
    )
    found = held(after, saved_at(120, 100))
    stain = next(region for region in found.regions if region.box.left == 20)
    assert stain.reasons == ("no node changed: a colour changed from #fafafa to #ff0000",)
    assert found.summary.startswith("button “Save” moved 8 px down; ")


def test_a_colour_is_told_with_the_node_that_has_it() -> None:
    before = (screen(button(colour="#6750a4")), tree(TITLE, SAVE))
    found = held((screen(button(colour="#6954a8")), tree(TITLE, SAVE)), before)
    assert found.summary == "colour of button “Save” changed from #6750a4 to #6954a8"


def test_an_image_that_shows_something_else_is_told_by_its_name_wherever_it_went() -> None:
    avatar = node(Role.IMAGE, "Avatar of Ada", (100, 40, 60, 60))

    def portrait(at: tuple[int, int], *, striped: bool) -> Image.Image:
        image = Image.new("RGB", (60, 60), "#3366cc")
        pen = ImageDraw.Draw(image)
        for each in range(0, 60, 15):
            line = (0, each, 59, each + 6) if striped else (each, 0, each + 3, 20)
            pen.rectangle(line, fill="#ffcc00")
        whole = screen()
        whole.paste(image, at)
        return whole

    before = (portrait((100, 40), striped=True), tree(avatar))
    assert held((portrait((100, 40), striped=False), tree(avatar)), before).summary == (
        "image “Avatar of Ada” looks different"
    )
    box = replace(avatar.box, top=56.0)
    went = (portrait((100, 56), striped=False), tree(replace(avatar, box=box)))
    assert held(went, before).summary == (
        "image “Avatar of Ada” looks different; image “Avatar of Ada” moved 16 px down"
    )
    same = (portrait((100, 56), striped=True), tree(replace(avatar, box=box)))
    assert held(same, before).summary == "image “Avatar of Ada” moved 16 px down"


def test_boxes_are_logical_pixels_and_regions_physical_ones() -> None:
    def twice(drawn: tuple[Image.Image, Tree]) -> tuple[Image.Image, Tree]:
        image, said = drawn
        large = image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST)
        return large, Tree(said.root, said.screen, 2.0)

    found = held(twice(saved_at(120, 108)), twice(saved_at(120, 100)))
    assert {region.reasons for region in found.regions} == {("button “Save” moved 8 px down",)}
    assert found.regions[0].box.left == 240


def test_without_semantics_there_is_still_a_reason_and_a_cause() -> None:
    found = compare(screen(button()), screen())
    assert found.regions[0].reasons == ("a colour changed from #fafafa to #6750a4",)
    assert found.cause


def test_most_of_a_screen_in_other_colours_is_its_theme() -> None:
    dark = Image.eval(screen(), lambda level: 255 - level)
    found = held((dark, tree(TITLE)), (screen(), tree(TITLE)))
    assert found.summary.startswith("most of the screen changed its colours, from light to dark")
    back = held((screen(), tree(TITLE)), (dark, tree(TITLE)))
    assert back.summary.startswith("most of the screen changed its colours, from dark to light")
    assert found.cause != back.cause


def test_a_region_with_many_reasons_tells_the_first_and_counts_the_rest() -> None:
    def rows(word: str) -> tuple[Image.Image, Tree]:
        nodes = [
            node(Role.TEXT, f"{word} {'abcdefghij'[each]}", (20, 30 + 12 * each, 100, 10))
            for each in range(9)
        ]
        fill = "#202020" if word == "Old" else "#d02020"
        return screen(lambda pen: pen.rectangle((20, 30, 119, 139), fill=fill)), tree(*nodes)

    found = held(rows("New"), rows("Old"))
    assert len(found.regions) == 1
    assert found.regions[0].reasons[0] == "text changed from “Old a” to “New a”"
    assert found.regions[0].reasons[-1] == "and 4 more"
    assert found.summary.endswith("; and 6 more")
    assert "\n" not in found.summary


def cause(after: tuple[Image.Image, Tree], before: tuple[Image.Image, Tree]) -> str:
    return held(after, before).cause


def test_the_same_change_on_another_target_has_the_same_cause() -> None:
    def wide(drawn: tuple[Image.Image, Tree]) -> tuple[Image.Image, Tree]:
        """As on a larger screen: all is twice as large, and twice as far."""
        image, said = drawn

        def twice(one: Node) -> Node:
            box = replace(
                one.box,
                left=one.box.left * 2,
                top=one.box.top * 2,
                width=one.box.width * 2,
                height=one.box.height * 2,
            )
            return replace(one, box=box, children=tuple(twice(child) for child in one.children))

        large = image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST)
        root = twice(said.root)
        return large, Tree(root, root.box, 1.0)

    here = cause(saved_at(120, 108), saved_at(120, 100))
    assert cause(wide(saved_at(120, 108)), wide(saved_at(120, 100))) == here
    assert cause(saved_at(120, 104), saved_at(120, 100)) == here
    assert cause(saved_at(120, 92), saved_at(120, 100)) != here
    assert cause(saved_at(112, 100), saved_at(120, 100)) != here


def test_a_colour_of_the_theme_is_one_cause_whatever_has_it() -> None:
    def with_button(label: str, colour: str) -> tuple[Image.Image, Tree]:
        return screen(button(colour=colour)), tree(TITLE, replace(SAVE, label=label))

    save = cause(with_button("Save", "#6954a8"), with_button("Save", "#6750a4"))
    send = cause(with_button("Send", "#6954a8"), with_button("Send", "#6750a4"))
    other = cause(with_button("Send", "#6954b8"), with_button("Send", "#6750a4"))
    assert save == send != other


def test_words_are_a_cause_and_what_they_push_away_is_none() -> None:
    def with_title(label: str, down: int) -> tuple[Image.Image, Tree]:
        painted = screen(
            button(120, 100 + down), lambda pen: pen.rectangle((5, 5, 9 * len(label), 12), fill="white")
        )
        return painted, tree(
            replace(TITLE, label=label), replace(SAVE, box=replace(SAVE.box, top=100 + down))
        )

    before = with_title("Profile", 0)
    assert cause(with_title("Your profile", 0), before) == cause(with_title("Your profile", 9), before)
    assert cause(with_title("Your profile", 0), before) != cause(with_title("My profile", 0), before)


def test_figures_in_words_do_not_part_causes() -> None:
    def ago(minutes: int) -> tuple[Image.Image, Tree]:
        painted = screen(lambda pen: pen.rectangle((120, 60, 120 + 4 * minutes, 66), fill="black"))
        return painted, tree(node(Role.TEXT, f"{minutes} min ago", (120, 58, 70, 10)))

    assert cause(ago(3), ago(2)) == cause(ago(8), ago(5))


def test_without_semantics_the_place_and_the_look_are_the_cause() -> None:
    def stained(left: int, top: int) -> Image.Image:
        def stain(pen: ImageDraw.ImageDraw) -> None:
            for step in range(0, 20, 2):
                pen.rectangle((left + step, top + step, left + 20, top + step + 1), fill=(step * 9, 90, 20))

        return screen(stain)

    one = compare(stained(150, 100), screen()).cause
    assert compare(stained(151, 101), screen()).cause == one
    assert compare(stained(20, 100), screen()).cause != one
