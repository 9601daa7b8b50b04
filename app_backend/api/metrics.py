"""Route: figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from app_backend.api.dependencies import ServicesNeeded
from app_backend.api.operators import OperatorOnly
from app_backend.api.problems import problems
from app_backend.avatars.processing import SUBJECT
from app_backend.observability import METRICS_MEDIA_TYPE

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics",
    dependencies=[OperatorOnly],
    response_class=Response,
    responses={200: {"description": "Figures", "content": {"text/plain": {}}}, **problems(401, 403)},
)
async def metrics(services: ServicesNeeded) -> Response:
    """Read what this process has done since it started, in Prometheus' text format."""
    try:
        breaker = await services.processing.status()
    except (OSError, SQLAlchemyError):  # the database is out of reach: all else can be told
        services.metrics.breaker(SUBJECT, None)
    else:
        services.metrics.breaker(SUBJECT, breaker.state)
    return Response(services.metrics.text(), media_type=METRICS_MEDIA_TYPE)
