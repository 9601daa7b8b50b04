"""A form that reaches below a phone's keyboard is filled and left, with a keyboard or without."""

from __future__ import annotations

import pytest

from flutter_bridge import ActionFailed, FlutterApp, by


@pytest.fixture(
    params=[
        # Each in one process only: it takes a page of its own, or an Appium and a device.
        pytest.param("web_app", marks=pytest.mark.xdist_group("web")),
        pytest.param("android_app", marks=pytest.mark.xdist_group("android")),
    ]
)
def opened(request: pytest.FixtureRequest) -> FlutterApp:
    one: FlutterApp = request.getfixturevalue(request.param)
    return one


@pytest.fixture
async def form(request: pytest.FixtureRequest, opened: FlutterApp) -> FlutterApp:
    """Show the form."""
    visited = request.getfixturevalue(f"visited_{request.node.callspec.params['opened']}")
    await visited.visit("/form")
    await opened.find(by.identifier("save"))
    return opened


@pytest.mark.parametrize(("button", "said"), [("save", "saved Ada"), ("half", "half")])
async def test_a_button_under_the_keyboard_is_tapped(form: FlutterApp, button: str, said: str) -> None:
    await form.enter_text(by.identifier("name"), "Ada")
    await form.tap(by.identifier(button))
    await form.find(by.text(f"Done: {said}"))


async def test_what_lies_under_the_keyboard_is_seen(form: FlutterApp) -> None:
    await form.enter_text(by.identifier("name"), "Ada")
    assert (await form.find(by.identifier("save"))).text == "Save"


async def test_going_back_after_typing_leaves_the_form(form: FlutterApp) -> None:
    await form.enter_text(by.identifier("name"), "Ada")
    await form.back()
    await form.wait_until_gone(by.identifier("name"))


async def test_a_dialog_stays_open_while_its_field_is_filled_and_it_is_answered(form: FlutterApp) -> None:
    await form.tap(by.identifier("ask"))
    await form.enter_text(by.identifier("answer"), "Yes")
    await form.tap(by.identifier("ok"))
    await form.find(by.text("Done: answered"))


async def test_a_field_that_refuses_a_text_fails(form: FlutterApp) -> None:
    with pytest.raises(ActionFailed, match=r'by.identifier\("digits"\) doesn.t keep the text entered'):
        await form.enter_text(by.identifier("digits"), "Ada", timeout=3)
    await form.enter_text(by.identifier("digits"), "1907")


async def test_a_field_whose_text_cannot_be_selected_is_filled(form: FlutterApp) -> None:
    await form.enter_text(by.identifier("still"), "Ada")
    assert (await form.find(by.identifier("still"))).value == "Ada"
