"""Connections of ``requests`` to the address that the network policy checked, with a limit on the response.

The browser of a test login follows a partner's redirects. Between a check of the URL and its request, the
name could be resolved to another address (DNS rebinding), so the connection uses the checked one.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from partnergate.doctor.fetching import FetchFailed, FetchRefused

if TYPE_CHECKING:
    from partnergate.doctor.fetching import Fetcher

_CHUNK: Final = 65536


class PinnedAdapter(HTTPAdapter):
    """Sends requests of a session to checked addresses; ``trusted`` is a URL whose origin is not checked."""

    def __init__(self, fetcher: Fetcher, *, trusted: str) -> None:
        super().__init__()
        self._fetcher = fetcher
        self._trusted = _origin(trusted)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Replace the host by its checked address; the certificate must still be for the host."""
        target: Any
        options: Any
        target, options = super().build_connection_pool_key_attributes(request, verify, cert)
        url = str(request.url)
        if _origin(url) == self._trusted:
            return target, options
        try:
            address = self._fetcher.checked_address(url)
        except (FetchRefused, FetchFailed) as error:
            raise requests.ConnectionError(str(error), request=request) from error
        if target["scheme"] == "https":
            options = options | {"server_hostname": target["host"], "assert_hostname": target["host"]}
        return target | {"host": address}, options

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send the request and read the response. Raises ``requests.ConnectionError`` above a limit."""
        if _origin(str(request.url)) == self._trusted:
            return super().send(request, *args, **options)
        request.headers["Host"] = urlsplit(str(request.url)).netloc
        until = time.monotonic() + self._fetcher.total_seconds
        response = super().send(request, *args, **options | {"stream": True})
        content = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            content += chunk
            if len(content) > self._fetcher.max_bytes:
                response.close()
                raise requests.ConnectionError(
                    f"the response is larger than {self._fetcher.max_bytes} bytes", request=request
                )
            if time.monotonic() > until:
                response.close()
                raise requests.ConnectionError(
                    f"the response took longer than {self._fetcher.total_seconds:.0f} s", request=request
                )
        response._content = bytes(content)  # noqa: SLF001 - as requests itself stores what it has read
        response.close()
        return response


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
