"""Reads request bodies of the pages: URL-encoded forms from the same site, or a file as the body."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from partnergate.service.problems import HttpProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST_FILE = 32 * 1024 * 1024
_LARGEST_FORM = 64 * 1024
_FIELDS = 20
_SAME_SITE = {"same-origin", "none"}
FORM = "application/x-www-form-urlencoded"


class Submission:
    """A form, or a raw body. It is parsed at the first use, which is in the thread of the handler."""

    def __init__(self, *, body: bytes, is_form: bool, query: Mapping[str, str]) -> None:
        self.is_form = is_form
        self.body = b"" if is_form else body
        self._form = body
        self._query = query

    def field(self, name: str) -> str:
        """Return a field without surrounding white space; empty when it is missing.

        Raises a 400 ``HttpProblem`` when the form is not valid.
        """
        return self._fields.get(name, "").strip()

    @cached_property
    def _fields(self) -> Mapping[str, str]:
        if not self.is_form:
            return self._query
        try:
            parsed = parse_qs(
                self._form.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
            )
        except ValueError as error:
            raise HttpProblem(400, "the form is not valid") from error
        return {name: values[-1] for name, values in parsed.items()}


def submission(most_bytes: int) -> Any:
    """Return the default of a route parameter that receives a body of at most ``most_bytes``.

    The limit holds while the body is read. Requests from pages of other sites are refused.
    """

    async def read(request: Request) -> Submission:
        refuse_other_sites(request)
        found = bytearray()
        async for chunk in request.stream():
            found += chunk
            if len(found) > most_bytes:
                raise HttpProblem(413, f"the body is larger than {most_bytes // 1024:,} KiB")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Submission(body=bytes(found), is_form=kind == FORM, query=dict(request.query_params))

    return Depends(read)


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


FORM_SUBMISSION = submission(_LARGEST_FORM)
"""A form that a user fills in."""
FILE_SUBMISSION = submission(_LARGEST_FILE)
"""A file, or a form with its text."""
