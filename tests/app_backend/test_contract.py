"""The backend does what its OpenAPI document says, whatever is sent to it: requests made up by schemathesis.

The examples of the document, the boundaries of every field, random requests, and sequences in which one
answer is the input of the next request; by somebody signed in, on a real server and the real PostgreSQL.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from pydantic import SecretStr
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from app_backend.api import Services
from app_backend.feed import Posts
from app_backend.settings import PasswordHashing, Settings
from tests.backend_fixtures import serving

if TYPE_CHECKING:
    from schemathesis import AuthContext, Case

OPERATOR = "the operator's own token"
SEED = 20260721

WITHOUT_END = {"include-path": "/events", "enabled": False}
CHECKS = {
    # What the document can't say: no control characters, a cursor that was given out, a picture that is one.
    "positive_data_acceptance": {"enabled": False},
}


@dataclass
class Outcome:
    """What was asked and what was wrong with the answers."""

    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    phases: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def try_out(address: str, *, examples: int, operations: list[dict[str, Any]]) -> Outcome:
    """Ask for everything in all ways the document allows, and many that it doesn't."""
    generation = {"max-examples": examples, "deterministic": True, "database": "none"}
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "request-timeout": 60,
            "checks": CHECKS,
            "generation": generation,
            "operations": operations,
        }
    )
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
    outcome = Outcome()
    with httpx.Client(base_url=address, trust_env=False) as client:

        class Here(SignedIn):
            http = client

        schema.auth(refresh_interval=None)(Here)
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError | events.FatalError):
                outcome.wrong.append(repr(event))
            if isinstance(event, events.ScenarioFinished):
                outcome.phases.add(event.phase.name)
                take(event, outcome)
    return outcome


class SignedIn:
    """A person who signs in anew whenever a request has ended the sign-in, or the account."""

    http: httpx.Client

    def __init__(self) -> None:
        self._token = ""

    def get(self, case: Case[Any], context: AuthContext) -> str:  # noqa: ARG002 - as it is called
        if case.path == "/metrics":
            return OPERATOR
        if not self._token or not self._works():
            account = {
                "email": f"{uuid.uuid4().hex}@example.test",
                "password": "long enough",
                "display_name": "Ada",
            }
            answer = self.http.post("/accounts", json=account)
            self._token = answer.raise_for_status().json()["token"]
        return self._token

    def set(self, case: Case[Any], data: str, context: AuthContext) -> None:  # noqa: ARG002 - as it is called
        case.headers["Authorization"] = f"Bearer {data}"

    def _works(self) -> bool:
        answer = self.http.get("/me", headers={"Authorization": f"Bearer {self._token}"})
        return answer.status_code == 200


def take(scenario: events.ScenarioFinished, outcome: Outcome) -> None:
    recorder = scenario.recorder
    for case in recorder.find_all_cases():
        outcome.asked[case.operation.label] += 1
    for interaction in recorder.interactions.values():
        if interaction.response is not None:
            outcome.statuses[interaction.response.status_code] += 1
    for checks in recorder.checks.values():
        for check in checks:
            if check.status is Status.FAILURE and check.failure_info is not None:
                info = check.failure_info
                outcome.wrong.append(f"{info.failure.title}: {info.failure.message}\n{info.code_sample}")


@pytest.fixture
def tried(services: Services) -> Services:
    """The services, with an operator who has a token."""
    settings = Settings(
        password_hashing=PasswordHashing.CHEAP,
        operator_token=SecretStr(OPERATOR),
        registrations_per_address=None,
        wrong_passwords_per_address=None,
        wrong_passwords_here_per_account=None,
    )
    return replace(services, settings=settings)


@pytest.fixture
async def address(tried: Services) -> AsyncIterator[str]:
    async with serving(tried) as address:
        yield address


@pytest.mark.long
async def test_the_backend_is_as_its_document_says(address: str) -> None:
    outcome = await asyncio.to_thread(try_out, address, examples=8, operations=[WITHOUT_END])

    assert outcome.wrong == [], "\n\n".join(outcome.wrong)
    assert not [status for status in outcome.statuses if status >= 500]
    # It was no walk past closed doors.
    assert outcome.phases >= {"EXAMPLES", "COVERAGE", "FUZZING", "STATEFUL_TESTING"}
    assert {200, 201, 204, 401, 404, 405, 409, 422} <= set(outcome.statuses)
    async with httpx.AsyncClient(base_url=address) as client:
        document = (await client.get("/openapi.json")).json()
    described = {
        f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods
    }
    assert set(outcome.asked) == described - {"GET /events"}


async def test_it_would_be_noticed_if_it_were_not(tried: Services) -> None:
    class Broken(Posts):
        async def page(self, **_: Any) -> Any:
            raise RuntimeError

    async with serving(replace(tried, posts=Broken(tried.database))) as address:
        others = {"include-path-regex": "^/(?!feed)", "enabled": False}
        outcome = await asyncio.to_thread(try_out, address, examples=1, operations=[others])

    assert set(outcome.asked) == {"GET /feed"}
    assert 500 in outcome.statuses
    assert any(wrong.startswith("Server error") for wrong in outcome.wrong)
