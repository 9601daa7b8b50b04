"""Which addresses of pictures are taken: those of the hosts that the operator names, by https."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from app_backend.errors import PictureRefused
from app_backend.provider.addresses import Address, is_public

DEFAULT_PORT = 443
MAX_URL_LENGTH = 2048


@dataclass(frozen=True)
class PictureSources:
    """The hosts that pictures may be fetched from; without any, none is.

    With `loopback`, for tests, a host may be on this machine as well, be asked by http, and on any port.
    """

    hosts: tuple[str, ...]
    loopback: bool = False

    def check(self, text: str, *, base: httpx.URL | None = None) -> httpx.URL:
        """Return where a picture is, the `base` being where its address stands; raises `PictureRefused`.

        No error has the address in it: who knows it may have the right to the picture.
        """
        if not self.hosts:
            raise PictureRefused("pictures at providers are not fetched here: leave it out")
        if len(text) > MAX_URL_LENGTH:
            raise PictureRefused(f"the picture's address has more than {MAX_URL_LENGTH} characters")
        try:
            url = base.join(text) if base is not None else httpx.URL(text)
        except (httpx.InvalidURL, ValueError) as error:
            raise PictureRefused("the picture's address is no URL") from error
        if url.scheme != "https" and not (self.loopback and url.scheme == "http"):
            raise PictureRefused("the picture's address is not https")
        if url.userinfo:
            raise PictureRefused("the picture's address has credentials in it")
        if host_of(url) not in self.hosts:
            raise PictureRefused("the picture's host is none of those that pictures are fetched from")
        if url.port not in {None, DEFAULT_PORT} and not self.loopback:
            raise PictureRefused(f"the picture's address has another port than {DEFAULT_PORT}")
        return url

    def allows(self, address: Address) -> bool:
        """Tell whether one of the hosts may have this network address."""
        return is_public(address) or (self.loopback and address.is_loopback)


def host_of(url: httpx.URL) -> str:
    """Return a URL's host as it is asked for in the DNS: in lower case and ASCII."""
    return url.raw_host.decode("ascii")
