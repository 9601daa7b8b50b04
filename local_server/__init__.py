"""What every server of ours on this machine needs: the stand-in phone, the review, the backend, the app.

Who may ask it and how much (`access`, needs starlette), how it is served and ends (`serving`, needs uvicorn),
and the command that does both (`command`), is imported when it is asked for: `ports` alone needs the standard
library only.
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
    from local_server.command import add_server_options, serve_app
    from local_server.serving import HEAD_S, LocalServer, run_server, server_config, stop_event
else:
    _PLACES = dict.fromkeys(("HEAD_S", "LocalServer", "run_server", "server_config", "stop_event"), "serving")
    _PLACES |= dict.fromkeys(("add_server_options", "serve_app"), "command")

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_PLACES.get(name, 'access')}"), name)


__all__ = [
    "BODY_S",
    "HEAD_S",
    "OF_PAGES",
    "AccessGuard",
    "HostNames",
    "LocalServer",
    "Refusal",
    "add_server_options",
    "allow_own_pages",
    "allow_programs",
    "bound_body",
    "free_port",
    "is_loopback_host",
    "listen",
    "run_server",
    "serve_app",
    "server_config",
    "stop_event",
    "url_of",
]
