"""What an app's listener hears: of the actions done in it, and of what it asks servers for meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from flutter_bridge.clock import Interval, now
from flutter_bridge.evidence import AppRequest

_P = ParamSpec("_P")
_R = TypeVar("_R")


class ActionListener(Protocol):
    """Who is asked before each action in an app, and hears when the app received it."""

    async def before_action(self, action: str) -> None:
        """Prepare for an action, such as `taps by.label("Send")`; an error keeps it from being done."""
        ...

    def action_received(self, action: str, received: Interval) -> None:
        """Take note of when the app received it."""
        ...

    def request_answered(self, request: AppRequest) -> None:
        """Take note of what the app asked a server for; where the platform tells."""
        ...


class _ListenedTo(Protocol):
    listener: ActionListener | None

    @property
    def _acted_in(self) -> str: ...


_A = TypeVar("_A", bound=_ListenedTo)


def action(
    verb: str,
) -> Callable[
    [Callable[Concatenate[_A, _P], Awaitable[_R]]], Callable[Concatenate[_A, _P], Coroutine[Any, Any, _R]]
]:
    """Make a method an action, of which its object's listener is told before and after.

    `verb` says what is done, such as `taps`; what it is done to is the method's first argument. A method that
    returns no interval was received while it ran.
    """

    def decorate(
        method: Callable[Concatenate[_A, _P], Awaitable[_R]],
    ) -> Callable[Concatenate[_A, _P], Coroutine[Any, Any, _R]]:
        @wraps(method)
        async def act(self: _A, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            if self.listener is None:
                return await method(self, *args, **kwargs)
            words = " ".join((verb, *map(str, args[:1])))
            await self.listener.before_action(words)
            began = now()
            result = await method(self, *args, **kwargs)
            received = result if isinstance(result, Interval) else Interval(began, now())
            words += f" in {self._acted_in}" if self._acted_in else ""
            self.listener.action_received(words, received)
            return result

        return act

    return decorate
