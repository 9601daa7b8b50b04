"""The web application, put together."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app_backend.api import accounts, event_stream, faults, feed, health, metrics, profiles, sessions
from app_backend.api.outages import install_outages
from app_backend.api.problems import ProblemBody, UnexpectedErrors, install_problems
from app_backend.api.refusal import BodyLimit
from app_backend.api.security_headers import SecurityHeaders
from app_backend.api.services import Services
from app_backend.faults import DelayedResponses
from app_backend.observability import EXPOSED, ObservedRequests
from app_backend.settings import Mode, Settings

MAX_JSON_BYTES = 64 * 1024
"""The largest body of any request but an upload."""


def create_app(services: Services) -> FastAPI:
    """Return the app that answers requests with these services."""
    settings = services.settings
    app = FastAPI(
        title="app_backend",
        summary="The live backend: people, pictures, posts, and the stream of their changes.",
        description="Errors are `application/problem+json`. Sign in for a token; hand it in as a bearer.",
        version="0.1.0",
        # Their pages load scripts from elsewhere; the document is at /openapi.json for whatever shows such.
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    for part in (accounts, sessions, profiles, feed, event_stream, health, metrics):
        app.include_router(part.router)
    if services.faults is not None:
        app.include_router(faults.router)
    install_problems(app)
    install_outages(app)
    # The last one added is the outermost: even an unexpected error is readable from another origin.
    app.add_middleware(BodyLimit, max_bytes=MAX_JSON_BYTES, except_for=profiles.UPLOADS)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(
        CORSMiddleware,
        # Without credentials: who is signed in sends a token, which no browser adds by itself.
        allow_origins=list(settings.cors_origins),
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=[*EXPOSED, "Retry-After", "RateLimit", "RateLimit-Policy"],
        max_age=86400,
    )
    app.add_middleware(SecurityHeaders, strict_transport=_is_strict(settings))
    if services.faults is not None:
        app.add_middleware(DelayedResponses, faults=services.faults)
    app.add_middleware(
        ObservedRequests, metrics=services.metrics, timing_allowed_to=list(settings.cors_origins)
    )
    if settings.trusted_proxies:
        # uvicorn's own, which reads the headers from the right and stops at the first it doesn't trust.
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    _describe_problems(app)
    return app


def _is_strict(settings: Settings) -> bool:
    """Tell whether browsers are to insist on https."""
    return (
        settings.mode is Mode.PRODUCTION
        and settings.public_url is not None
        and settings.public_url.scheme == "https"
    )


def _describe_problems(app: FastAPI) -> None:
    """Put the form of problems into the OpenAPI document, which the routes' errors refer to."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        document = made()
        schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(schema.pop("$defs", {}))
        schemas["ProblemBody"] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI documents it
