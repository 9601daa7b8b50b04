"""Addresses of apps keep what a tester wrote in them, on whatever way into the app."""

from __future__ import annotations

import pytest

from flutter_bridge.address import (
    deep_link,
    is_server_address,
    is_web_address,
    login_in,
    without_login,
)

HERE = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("base", "root", "person"),
    [
        ("", "/", "/people/7"),
        ("/", "/", "/people/7"),
        ("/app", "/app/", "/app/people/7"),
        ("/v1.2/", "/v1.2/", "/v1.2/people/7"),
        ("?env=staging", "/?env=staging", "/people/7?env=staging"),
        ("/app/?test&lang=de", "/app/?test&lang=de", "/app/people/7?test&lang=de"),
        ("/?to=/", "/?to=/", "/people/7?to=/"),
        ("/index.html", "/index.html", "/people/7"),
        ("/app/index.html?a=%2F", "/app/index.html?a=%2F", "/app/people/7?a=%2F"),
        ("/#/", "/#/", "/#/people/7"),
        ("/#", "/#/", "/#/people/7"),
        ("/app#/", "/app/#/", "/app/#/people/7"),
        ("/?env=staging#/", "/?env=staging#/", "/?env=staging#/people/7"),
        ("/index.html?a=b#/", "/index.html?a=b#/", "/index.html?a=b#/people/7"),
        ("/#/welcome", "/#/welcome", "/#/people/7"),
        ("/#!/", "/#!/", "/#!/people/7"),
    ],
)
def test_a_place_is_opened_within_the_app_as_it_was_given(base: str, root: str, person: str) -> None:
    assert deep_link(HERE + base, "/") == HERE + root
    assert deep_link(HERE + base, "/people/7") == HERE + person
    assert deep_link(HERE + base, "people/7") == HERE + person


@pytest.mark.parametrize(
    ("base", "link", "address"),
    [
        ("/?env=staging", "/people/7?tab=posts", "/people/7?env=staging&tab=posts"),
        ("/?env=staging&a=1", "/people/7?env=live", "/people/7?a=1&env=live"),
        ("/?env=staging", "/?env=live", "/?env=live"),
        ("/?env=staging#/", "/people/7?tab=posts", "/?env=staging#/people/7?tab=posts"),
        ("/", "/people/7#posts", "/people/7#posts"),
        ("/", "/books/urn:isbn:1", "/books/urn:isbn:1"),
        ("/", "urn:isbn:1", "/urn:isbn:1"),
        ("/", "//elsewhere.test/x", "/elsewhere.test/x"),
        ("/?a=b", "http://127.0.0.1:8080/people/7", "/people/7"),
    ],
)
def test_a_link_has_a_query_and_a_fragment_of_its_own(base: str, link: str, address: str) -> None:
    assert deep_link(HERE + base, link) == HERE + address


@pytest.mark.parametrize(
    ("base", "link", "address"),
    [
        ("sample://open", "/people/7", "sample://open/people/7"),
        ("sample://", "/people/7?tab=1", "sample:///people/7?tab=1"),
        ("https://app.example/go?env=staging", "/people/7", "https://app.example/go/people/7?env=staging"),
    ],
)
def test_links_of_a_device_are_put_together_the_same_way(base: str, link: str, address: str) -> None:
    assert deep_link(base, link) == address


@pytest.mark.parametrize(
    "link", ["http://elsewhere.test/people/7", "https://127.0.0.1:8080/", "sample://open"]
)
def test_another_server_is_no_place_in_the_app(link: str) -> None:
    with pytest.raises(ValueError, match=r"is not within http://127\.0\.0\.1:8080$"):
        deep_link("http://joe:secret@127.0.0.1:8080", link)


def test_a_name_and_a_password_are_told_from_the_address() -> None:
    address = "http://joe:p%40ss@127.0.0.1:8080/a@b?c@d"
    assert login_in(address) == ("joe", "p@ss")
    assert without_login(address) == "http://127.0.0.1:8080/a@b?c@d"
    assert login_in(HERE) is None
    assert without_login(f"{HERE}/@") == f"{HERE}/@"


@pytest.mark.parametrize(
    ("text", "web", "server"),
    [
        ("http://127.0.0.1:8080/api", True, True),
        ("http://127.0.0.1:8080/?env=staging", True, False),
        ("http://127.0.0.1:8080/#", True, False),
        ("127.0.0.1:8080", False, False),
        ("ftp://127.0.0.1", False, False),
        ("http://127.0.0.1:99999", False, False),
        ("http://", False, False),
    ],
)
def test_what_is_an_address_of_a_page_and_of_a_server(text: str, web: bool, server: bool) -> None:
    assert (is_web_address(text), is_server_address(text)) == (web, server)
