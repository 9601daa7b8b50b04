"""What shares a phone, a server or a file is run by one of xdist's processes."""

from __future__ import annotations

import pytest

from tests.distribution import BySharing, add_groups

TESTS = """
    import pytest

    @pytest.fixture
    def phones():
        pass

    def test_by_itself():
        pass

    def test_by_a_fixture(phones):
        pass

    @pytest.mark.parametrize("driver", [
        pytest.param("a@b]", marks=pytest.mark.xdist_group("web")),
        pytest.param("c@d]"),
    ])
    def test_by_a_mark(driver):
        pass
"""


def test_what_shares_a_group_or_else_a_file_is_one_unit(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = session\n")
    items = pytester.getitems(TESTS)
    add_groups(items)
    scheduling = BySharing(pytester.parseconfig("--tx=popen"))
    file = items[0].path.name

    assert {item.name: scheduling._split_scope(item.nodeid) for item in items} == {
        "test_by_itself": file,
        "test_by_a_fixture": "appium-on-stand-ins",
        "test_by_a_mark[a@b]]": "web",
        "test_by_a_mark[c@d]]": file,
    }
