"""Reads request bodies of the pages: URL-encoded forms from the same site, or a file as the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from partnergate.service.problems import HttpProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 32 * 1024 * 1024
_FIELDS = 20
_SAME_SITE = {"same-origin", "none"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The fields of a form, or a raw body."""

    fields: Mapping[str, str]
    body: bytes
    is_form: bool

    def field(self, name: str) -> str:
        """Return a field without surrounding white space; empty when it is missing."""
        return self.fields.get(name, "").strip()


async def read_submission(request: Request) -> Submission:
    """Read the request body. Raises a ``HttpProblem`` for another site's page or more than 32 MiB."""
    refuse_other_sites(request)
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > _LARGEST:
            raise HttpProblem(413, "the body is larger than 32 MiB")
    body = bytes(found)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return Submission(fields=dict(request.query_params), body=body, is_form=False)
    try:
        parsed = parse_qs(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise HttpProblem(400, "the form is not valid") from error
    return Submission(fields={name: values[-1] for name, values in parsed.items()}, body=b"", is_form=True)


def refuse_other_sites(request: Request) -> None:
    """Raise a ``HttpProblem`` for a cross-site request (CSRF protection).

    Browsers do not add bearer tokens on their own, but an authenticating proxy does. Therefore
    cross-site requests are refused by their ``Sec-Fetch-Site`` or ``Origin`` header.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in _SAME_SITE:
            raise HttpProblem(403, "cross-site requests are not allowed")
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise HttpProblem(403, "cross-site requests are not allowed")


SUBMISSION = Depends(read_submission)
"""The default of a route parameter that receives the request body."""
