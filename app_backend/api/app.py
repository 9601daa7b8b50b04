"""The backend put together: all that the routes work with, and the web application that answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app_backend.api import feed, operation, people
from app_backend.api import pictures as picture_routes
from app_backend.api.bodies import BodyLimit, Intake
from app_backend.api.dependencies import Services
from app_backend.api.middleware import SecurityHeaders
from app_backend.api.problems import ProblemBody, UnexpectedErrors, install_problems
from app_backend.avatars import Gallery, Ledger, PictureLimits, PictureProcessing, picture_breaker
from app_backend.database import Database
from app_backend.events import Deliver, Hub, listen
from app_backend.faults import (
    ConnectionFaults,
    DelayedResponses,
    Faults,
    FaultyDelivery,
    FaultyStorage,
    PictureFaults,
    StaleRenditions,
)
from app_backend.feed import Posts
from app_backend.observability import (
    EXPOSED,
    MeasuredRenderer,
    MeasuredStorage,
    Metrics,
    ObservedRequests,
    count_calls,
    count_failures,
    time_statements,
)
from app_backend.profiles import Accounts, IdempotencyKeys, Passwords, People, Removal
from app_backend.provider import PictureSources, ProviderPictures, provider_breakers
from app_backend.rate_limits import RateLimits, Rates
from app_backend.rendering import WorkerRenderer
from app_backend.resilience import Retries
from app_backend.settings import Mode, Settings
from app_backend.sign_ins import SignIns
from app_backend.storage import Storage, TimeLimit, open_storage
from app_backend.sweep import PictureSweep, Sweeper

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_backend(
    settings: Settings, *, database_url: str, pictures: Path | None
) -> AsyncIterator[tuple[FastAPI, Services]]:
    """Open the database, bring it up to date, follow its events, and yield the app that answers requests.

    `pictures` is the folder that keeps the pictures where the settings name no storage; processes on one
    database share it.
    """
    faults = Faults() if settings.faults else None
    metrics = Metrics()
    database = Database(database_url)
    hub = Hub(queue_size=settings.event_queue_size)
    limits = PictureLimits(
        max_bytes=settings.max_picture_bytes,
        max_pixels=settings.max_picture_pixels,
        min_side=settings.min_picture_side,
    )
    sign_ins = SignIns(
        database,
        token_lifetime_s=settings.token_lifetime_s,
        refresh_lifetime_s=settings.refresh_lifetime_s,
        refresh_grace_s=settings.refresh_grace_s,
    )
    workers = WorkerRenderer(
        limits,
        deadline_s=settings.picture_deadline_s,
        memory_bytes=settings.picture_memory_bytes,
        pictures_per_worker=settings.pictures_per_worker,
        queue_size=settings.picture_queue_size,
        fault=PictureFaults(faults) if faults is not None else None,
    )
    processing = PictureProcessing(
        workers,
        retries=Retries(attempts=settings.picture_attempts, within_s=settings.picture_total_s),
        breaker=picture_breaker(
            database,
            threshold=settings.breaker_threshold,
            cooldown_s=settings.breaker_cooldown_s,
            total_s=settings.picture_total_s,
            listener=count_failures(metrics),
        ),
        total_s=settings.picture_total_s,
        is_sound=workers.is_sound,
        listener=count_failures(metrics),
    )
    ledger = Ledger(database)
    try:
        storage = await _open_storage(settings, pictures, faults, metrics)
        gallery = Gallery(storage, limits, MeasuredRenderer(processing, metrics), ledger)
        people = People(
            database, gallery, IdempotencyKeys(database, lifetime_s=settings.idempotency_lifetime_s)
        )
        async with asyncio.TaskGroup() as preparing:
            preparing.create_task(database.migrate())
            preparing.create_task(gallery.prepare())
        if settings.mode is Mode.PRODUCTION:
            await database.mark_production()
        services = Services(
            settings=settings,
            database=database,
            accounts=Accounts(database, Passwords(settings.password_hashing), sign_ins),
            sign_ins=sign_ins,
            removal=Removal(database, gallery),
            intake=Intake(
                uploads_per_person=settings.uploads_at_once_per_person,
                upload_bytes=settings.uploads_at_once_bytes,
                streams=settings.event_streams,
                streams_per_address=settings.event_streams_per_address,
            ),
            rate_limits=RateLimits(database, _rates(settings)),
            people=people,
            gallery=gallery,
            processing=processing,
            provider_pictures=_provider_pictures(settings, database, people, metrics),
            posts=Posts(database),
            hub=hub,
            faults=faults,
            metrics=metrics,
        )
        time_statements(database.engine)
        _watch(metrics, database, hub, workers)
        deliver: Deliver = count_calls(hub.publish, metrics.events_delivered)
        if faults is not None:
            log.warning("faults can be armed on purpose: not for production")
            ConnectionFaults(database, faults)
            metrics.watch_counts(
                "app_backend_faults_struck", "Strikes of armed faults.", "fault", lambda: faults.struck
            )
            deliver = FaultyDelivery(deliver, faults)
        sweeper = Sweeper(
            database,
            PictureSweep(storage, ledger),
            every_s=settings.sweep_every_s,
            stray_age_s=settings.stray_age_s,
            listener=metrics.count_sweep,
        )
        async with services.provider_pictures.open(), asyncio.TaskGroup() as running:
            running.create_task(workers.warm_up())
            sweeping = running.create_task(sweeper.run())
            listener = running.create_task(listen(database.url, hub, deliver))
            try:
                yield create_app(services), services
            finally:
                hub.close()
                listener.cancel()
                sweeping.cancel()
    finally:
        await workers.close()
        await database.close()


async def _open_storage(
    settings: Settings, pictures: Path | None, faults: Faults | None, metrics: Metrics
) -> Storage:
    """Return the storage of the settings, with what is put around it."""
    url, seconds = settings.storage_url, settings.storage_timeout_s
    address = url.get_secret_value() if url is not None else None
    storage = await open_storage(address, default=pictures, timeout_s=seconds)
    if faults is not None:
        storage = StaleRenditions(FaultyStorage(storage, faults), faults)
    return MeasuredStorage(TimeLimit(storage, seconds=seconds), metrics)


def _provider_pictures(
    settings: Settings, database: Database, people: People, metrics: Metrics
) -> ProviderPictures:
    """Return what fetches pictures of new people, with a breaker for each host."""
    listener = count_failures(metrics)
    return ProviderPictures(
        PictureSources(settings.picture_providers, loopback=settings.picture_providers_on_loopback),
        people.set_picture,
        max_bytes=settings.max_picture_bytes,
        retries=Retries(
            attempts=settings.picture_fetch_attempts,
            within_s=settings.picture_fetch_total_s,
            first_wait_s=0.5,
            longest_wait_s=5.0,
            jitter_s=0.5,
        ),
        breakers=provider_breakers(
            database,
            settings.picture_providers,
            threshold=settings.breaker_threshold,
            cooldown_s=settings.breaker_cooldown_s,
            total_s=settings.picture_fetch_total_s,
            listener=listener,
        ),
        total_s=settings.picture_fetch_total_s,
        at_once=settings.picture_fetches_at_once,
        listener=listener,
        count=metrics.count_provider_picture,
    )


def _rates(settings: Settings) -> Rates:
    return Rates(
        wrong_passwords_per_address=settings.wrong_passwords_per_address,
        wrong_passwords_here_per_account=settings.wrong_passwords_here_per_account,
        wrong_passwords_per_account=settings.wrong_passwords_per_account,
        registrations_per_address=settings.registrations_per_address,
        uploads_per_person=settings.uploads_per_person,
    )


def _watch(metrics: Metrics, database: Database, hub: Hub, workers: WorkerRenderer) -> None:
    """Let the metrics show how the parts are whenever somebody looks."""
    metrics.watch(
        "app_backend_pictures_waiting",
        "Pictures that wait for a worker process.",
        lambda: workers.waiting_count,
    )
    metrics.watch("app_backend_open_streams", "Event streams that are open.", lambda: len(hub))
    metrics.watch_counts(
        "app_backend_streams_ended",
        "Event streams that were ended, and with them what they had not sent yet.",
        "reason",
        lambda: hub.ended,
    )
    metrics.watch(
        "app_backend_database_connections_in_use",
        "Connections to the database that are at work.",
        database.connections_in_use,
    )


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
    for part in (people, picture_routes, feed, operation):
        app.include_router(part.router)
    if services.faults is not None:
        app.include_router(operation.faults_router)
    install_problems(app)
    # The last one added is the outermost: even an unexpected error is readable from another origin.
    app.add_middleware(BodyLimit, max_bytes=MAX_JSON_BYTES, except_for=picture_routes.UPLOADS)
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
        ObservedRequests,
        answered=services.metrics.count_answer,
        timing_allowed_to=list(settings.cors_origins),
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
