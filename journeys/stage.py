"""A stage: where an actor's app is opened, one kind for each kind of target."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

from flutter_bridge import FlutterApp
from flutter_bridge.web import NewContext, open_web_app
from journeys.targets import Theme


class Stage(Protocol):
    """A target, ready to open the app as often as the journey has actors on it."""

    @property
    def target(self) -> str:
        """The target's name."""
        ...

    @property
    def theme(self) -> str:
        """The theme the app is shown in, `light` or `dark`."""
        ...

    def open(self, actor: str) -> AbstractAsyncContextManager[FlutterApp]:
        """Open the app for one actor; it is closed with the context."""
        ...


class WebStage:
    """The app's web build, in a browser context of its own for each actor."""

    def __init__(
        self,
        *,
        new_context: NewContext,
        url: str,
        evidence: Path,
        target: str = "web",
        theme: Theme = "light",
    ) -> None:
        self._new_context = new_context
        self._url = url
        self._evidence = evidence
        self.target = target
        self.theme = theme

    def open(self, actor: str) -> AbstractAsyncContextManager[FlutterApp]:  # noqa: ARG002 - any context will do
        """Open the app in a fresh browser context: nobody is signed in there."""
        # Left to the project's own options where nothing is asked for.
        options: dict[str, Any] = {} if self.theme == "light" else {"color_scheme": self.theme}
        return open_web_app(
            new_context=self._new_context,
            url=self._url,
            artifacts=self._evidence,
            target=self.target,
            **options,
        )
