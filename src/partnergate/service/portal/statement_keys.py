"""The published keys of the issuer at a well-known address, for partners and their tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from partnergate.errors import StatementError
from partnergate.service.logs import log_event
from partnergate.service.problems import HttpProblem
from partnergate.statements.key_set import key_set_json, read_key_set

if TYPE_CHECKING:
    from pathlib import Path

PATH: Final = "/.well-known/partnergate-statement-keys.json"
_HEADERS: Final = {"Cache-Control": "public, max-age=300"}


def statement_key_routes(file: Path) -> APIRouter:
    """Return the public route of the key set in ``file``, read at each request so that a new key appears.

    A file that is not a key set, or that contains a private key, is never sent.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def keys() -> Response:  # a small file; a thread would cost more than reading it
        try:
            content = key_set_json(read_key_set(file.read_bytes()))  # noqa: ASYNC240 - as above
        except (OSError, StatementError) as error:
            log_event("statement_keys_unreadable", reason=str(error))
            raise HttpProblem(503, "the published keys are not available") from error
        return Response(content, media_type="application/jwk-set+json", headers=_HEADERS)

    return router
