"""Who may do what, and how often: sign-ins and their tokens, rate limits, where a request comes from."""

from app_backend.access.origin import Origin
from app_backend.access.rate_limits import RateLimits, Rates
from app_backend.access.rates import Rate
from app_backend.access.sign_ins import Caller, SignIns
from app_backend.access.tokens import Tokens

__all__ = ["Caller", "Origin", "Rate", "RateLimits", "Rates", "SignIns", "Tokens"]
