"""Fetches one public document by the doctor's narrow way, and says in a person's words what was wrong."""

from __future__ import annotations

from partnergate.doctor.fetching import Fetcher, FetchFailed, FetchRefused
from partnergate.errors import PartnergateError
from partnergate.language.rules.addresses import address, address_problems, is_loopback
from partnergate.model.environment import NetworkPolicy

SIZE_LIMIT = 512 * 1024
SECONDS = 10.0
_OK = 200
_REDIRECTS = range(300, 400)


def fetched(url: str, *, loopback_http: bool = False) -> bytes:
    """The document's bytes; raises ``PartnergateError``."""
    problems = address_problems(url, loopback_http=loopback_http)
    if problems:
        _, message, hint = problems[0]
        here = is_loopback(address(url).host)
        advice = "for an address on this machine: --allow-loopback-http" if here else hint
        raise PartnergateError(message, target=url, advice=advice)
    policy = NetworkPolicy(allow_loopback_http=loopback_http)
    fetcher = Fetcher(policy=policy, max_bytes=SIZE_LIMIT, total_seconds=SECONDS)
    try:
        answer = fetcher.get(url)
    except FetchRefused as error:
        raise PartnergateError(str(error), target=url, advice="save the document and give the file") from None
    except FetchFailed as error:
        raise PartnergateError(
            f"the document cannot be fetched: {error}", target=url, advice="check the address, or give a file"
        ) from error
    if answer.status in _REDIRECTS:
        raise PartnergateError(
            "the address answers with a redirect, which is not followed",
            target=url,
            advice="give the final address",
        )
    if answer.status != _OK:
        raise PartnergateError(f"the address answers {answer.status}", target=url, advice="check the address")
    return answer.body
