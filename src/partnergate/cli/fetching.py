"""Fetches one public document: https, no redirects, a bounded size and time, never the host's own network."""

from __future__ import annotations

import ipaddress
import socket
import time
from urllib.parse import urlsplit

import requests

from partnergate.errors import PartnergateError
from partnergate.spec.rules.addresses import address_problems, is_loopback

SIZE_LIMIT = 512 * 1024
SECONDS = 10


def _refuse_private(host: str, port: int) -> None:
    """Names may lead into the host's own network: look where they lead first."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise PartnergateError(f"{host} is not known", advice="check the address, or give a file") from error
    for text in found:
        if not ipaddress.ip_address(str(text).split("%")[0]).is_global:
            raise PartnergateError(
                f"{host} leads to {text}, which is no public address",
                advice="save the document and give the file",
            )


def fetched(url: str, *, loopback_http: bool = False) -> bytes:
    """The document's bytes; a failure says in plain words what was wrong."""
    problems = address_problems(url, loopback_http=loopback_http)
    if problems:
        _, message, hint = problems[0]
        raise PartnergateError(message, target=url, advice=hint)
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not (loopback_http and is_loopback(host)):
        _refuse_private(host, parts.port or 443)
    deadline = time.monotonic() + SECONDS
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, timeout=(5, SECONDS), allow_redirects=False, stream=True)
            return _body(answer, url, deadline)
    except requests.RequestException as error:
        raise PartnergateError(
            "the document cannot be fetched", target=url, advice="check the address"
        ) from error


def _body(answer: requests.Response, url: str, deadline: float) -> bytes:
    if answer.is_redirect:
        raise PartnergateError(
            "the address answers with a redirect, which is not followed",
            target=url,
            advice="give the final address",
        )
    if answer.status_code != requests.codes.ok:
        raise PartnergateError(
            f"the address answers {answer.status_code}", target=url, advice="check the address"
        )
    body = b""
    for chunk in answer.iter_content(16384):
        body += chunk
        if len(body) > SIZE_LIMIT:
            raise PartnergateError(f"the document is larger than {SIZE_LIMIT:,} bytes", target=url)
        if time.monotonic() > deadline:
            raise PartnergateError(f"the document took longer than {SECONDS} seconds", target=url)
    return body
