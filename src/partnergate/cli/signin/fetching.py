"""Fetches one public document with the doctor's limits, and explains a failure."""

from __future__ import annotations

from partnergate.doctor.fetching import Fetcher, FetchFailed, FetchRefused
from partnergate.errors import PartnergateError
from partnergate.language.rules.addresses import address, address_problems
from partnergate.model.environment import NetworkPolicy
from partnergate.model.public_hosts import is_loopback_host

SIZE_LIMIT = 512 * 1024
SECONDS = 10.0
_OK = 200
_REDIRECTS = range(300, 400)


def fetched(url: str, *, loopback_http: bool = False) -> bytes:
    """The bytes of the document; raises ``PartnergateError``."""
    problems = address_problems(url, loopback_http=loopback_http)
    if problems:
        _, message, hint = problems[0]
        here = is_loopback_host(address(url).host)
        advice = "for a URL on this machine, pass --allow-loopback-http" if here else hint
        raise PartnergateError(message, target=url, advice=advice)
    policy = NetworkPolicy(allow_loopback_http=loopback_http)
    fetcher = Fetcher(policy=policy, max_bytes=SIZE_LIMIT, total_seconds=SECONDS)
    try:
        answer = fetcher.get(url)
    except FetchRefused as error:
        raise PartnergateError(str(error), target=url, advice="save the document and pass the file") from None
    except FetchFailed as error:
        raise PartnergateError(
            f"cannot fetch the document: {error}", target=url, advice="check the URL, or pass a file"
        ) from error
    if answer.status in _REDIRECTS:
        raise PartnergateError(
            "the URL responds with a redirect, which is not followed",
            target=url,
            advice="pass the final URL",
        )
    if answer.status != _OK:
        raise PartnergateError(
            f"the URL responds with status {answer.status}", target=url, advice="check the URL"
        )
    return answer.body
