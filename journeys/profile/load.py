"""The workload of the reference app: people who read, post, look each other up, and change their picture."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cache
from io import BytesIO

import httpx
from PIL import Image

from journeys.load import Activity, VirtualUser, Workload
from journeys.profile.backend import fresh_email

_GAUGES = ("app_backend_open_streams", "app_backend_database_connections_in_use")


async def register(user: VirtualUser) -> None:
    """Make an account, and be signed in with it."""
    account = {
        "email": fresh_email(f"load{user.number}"),
        "password": secrets.token_urlsafe(12),
        "display_name": f"Person {user.number}",
    }
    answer = await user.ask("POST", "/accounts", json=account)
    user.headers["Authorization"] = f"Bearer {answer['token']}"


async def read_feed(user: VirtualUser) -> None:
    """Read the newest posts, and who wrote one of them."""
    page = await user.ask("GET", "/feed", params={"limit": 20})
    if page["items"]:
        author = user.random.choice(page["items"])["author"]["id"]
        await user.request("GET", f"/people/{author}", name="GET /people/…")


async def read_own_profile(user: VirtualUser) -> None:
    """Look at one's own profile."""
    await user.request("GET", "/me")


async def write_post(user: VirtualUser) -> None:
    """Say something."""
    await user.request("POST", "/posts", json={"text": f"Hello from person {user.number}"})


async def upload_picture(user: VirtualUser) -> None:
    """Give oneself another picture."""
    await user.request(
        "PUT",
        "/me/avatar",
        headers={"Content-Type": "image/jpeg"},
        content=_picture(user.random.randrange(20)),
    )


@cache
def _picture(number: int) -> bytes:
    output = BytesIO()
    Image.effect_noise((800, 600), 20 + number).save(output, "JPEG")
    return output.getvalue()


async def read_gauges(url: str) -> Mapping[str, float]:
    """Return what the backend's own metrics say of what may grow."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    words = [line.split() for line in lines]
    return {pair[0]: float(pair[1]) for pair in words if len(pair) == 2 and pair[0] in _GAUGES}


workload = Workload(
    enter=register,
    activities=(
        Activity(run=read_feed, weight=74),
        Activity(run=read_own_profile, weight=25),
        Activity(run=write_post, weight=1),
        Activity(run=upload_picture, per_second=1.0),
    ),
    think_s=(2.0, 8.0),
    stream="/events",
    gauges=read_gauges,
    watch="many_people_see_a_new_avatar",
)
