"""The HTTP API: routes, errors as problems, and the app put together."""

from app_backend.api.app import create_app, open_backend
from app_backend.api.dependencies import Services
from app_backend.api.middleware import guard_this_machine

__all__ = ["Services", "create_app", "guard_this_machine", "open_backend"]
