"""What every server of ours on this machine needs: the stand-in phone, the review, the backend, the app.

Who may ask it and how much (`access`, needs starlette), and how it is served and ends (`serving`, needs
uvicorn), is imported when it is asked for: `ports` alone needs the standard library only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from local_server.ports import free_port, listen, url_of

if TYPE_CHECKING:
    from local_server.access import (
        BODY_S,
        OF_PAGES,
        AccessGuard,
        HostNames,
        Refusal,
        allow_own_pages,
        allow_programs,
        bound_body,
        is_loopback_host,
    )
    from local_server.serving import HEAD_S, LocalServer, run_server, server_config, stop_event
else:
    _OF_SERVING = {"HEAD_S", "LocalServer", "run_server", "server_config", "stop_event"}

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{'serving' if name in _OF_SERVING else 'access'}"), name)


__all__ = [
    "BODY_S",
    "HEAD_S",
    "OF_PAGES",
    "AccessGuard",
    "HostNames",
    "LocalServer",
    "Refusal",
    "allow_own_pages",
    "allow_programs",
    "bound_body",
    "free_port",
    "is_loopback_host",
    "listen",
    "run_server",
    "server_config",
    "stop_event",
    "url_of",
]
