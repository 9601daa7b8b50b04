"""What a project with journeys need not say in pytest's settings, and what it may not say there.

pytest-asyncio warns in each session of a project that doesn't say in which event loop fixtures run. The
answer given here is what happens without one, that a fixture runs in the loop of its own scope: so nothing
else in the project runs otherwise than it did. And pytest warns of one of pytest-playwright's own fixtures,
which is nobody's business here.

What a journey asks for runs in the session's loop, as the journey does (`collection`). A test that is no
journey and asks for a cast is kept from pytest-playwright's browser by a project that says "function": the
browser lives in the session's loop and doesn't say so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from journeys.errors import SetupError

LOOP_SCOPE = "asyncio_default_fixture_loop_scope"

_PLUGIN = "journeys-project-settings"
_FIXTURE_OF_PLAYWRIGHT = "ignore:(?s)Session-scoped fixtures .*'base_url':pytest.PytestDeprecationWarning"


class ProjectSettings:
    """The settings of a session's project; only a parser can change what an option is by default."""

    def __init__(self, parser: pytest.Parser) -> None:
        self._parser = parser

    @classmethod
    def register(cls, parser: pytest.Parser, plugins: pytest.PytestPluginManager) -> None:
        """Keep the parser until it is known whether a session is about journeys."""
        plugins.register(cls(parser), _PLUGIN)

    @classmethod
    def of(cls, config: pytest.Config) -> ProjectSettings:
        """Return those of a session."""
        registered = config.pluginmanager.get_plugin(_PLUGIN)
        assert isinstance(registered, cls)  # noqa: S101 - registered with the options
        return registered

    def complete(self, config: pytest.Config) -> None:
        """Say what the project need not say; what it says goes before that.

        By now all plugins have added their options, and nobody has read this one.
        """
        self._parser.addini(
            LOOP_SCOPE,
            help="default scope of the event loop that asynchronous fixtures run in",
            type="string",
            default="fixture-scope",
        )
        config.addinivalue_line("filterwarnings", _FIXTURE_OF_PLAYWRIGHT)


def new_context_of(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return what opens windows of the session's browser; starts that where it doesn't run yet.

    Raises `SetupError` where pytest's settings keep it from starting.
    """
    try:
        opener: Callable[..., Any] = request.getfixturevalue("new_context")
    except pytest.fail.Exception as failure:
        scope = request.config.getini(LOOP_SCOPE)
        if scope in {"session", "fixture-scope"}:
            raise
        raise SetupError(
            f'{LOOP_SCOPE} = "{scope}", and the browser lives as long as the session: set it to "session" in '
            "pytest's settings, or make a journey of the test"
        ) from failure
    return opener
