"""What pages send: small URL-encoded forms from our own site, or a file as the body itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from partnergate.service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 32 * 1024 * 1024
_FIELDS = 20
_SAME_SITE = {"same-origin", "none"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The fields of a form, or a body of another kind."""

    fields: Mapping[str, str]
    body: bytes
    is_form: bool

    def field(self, name: str) -> str:
        """A field without white space around it; empty when it was not sent."""
        return self.fields.get(name, "").strip()


async def read_sent(request: Request) -> Sent:
    """The body of the request, from our own pages or from a program, and not larger than 32 MiB."""
    refuse_other_sites(request)
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > _LARGEST:
            raise Problem(413, "the body is larger than 32 MiB")
    body = bytes(found)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return Sent(fields=dict(request.query_params), body=body, is_form=False)
    try:
        parsed = parse_qs(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise Problem(400, "the form cannot be read") from error
    return Sent(fields={name: values[-1] for name, values in parsed.items()}, body=b"", is_form=True)


def refuse_other_sites(request: Request) -> None:
    """A page of another site may not send in the name of whoever is signed in by a proxy in front.

    Access is by bearer token, which no browser adds by itself; a proxy that adds it would make it
    ambient, so what the browser says of the sender's site is looked at all the same.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in _SAME_SITE:
            raise Problem(403, "the request comes from a page of another site")
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem(403, "the request comes from a page of another site")


SENT = Depends(read_sent)
"""The default of a route's parameter that takes what was sent; behind its access check."""
