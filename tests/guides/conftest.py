"""What guides' journeys are played on, besides the sample app."""

from tests.examples.conftest import chat_url

__all__ = ["chat_url"]
