"""``POST /v1/usage``: CloudEvents in structured, binary and batch mode, one receipt an event."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from partnergate.metering.cloudevents import (
    MalformedBodyError,
    Rejected,
    read_batch,
    read_binary,
    read_structured,
)
from partnergate.metering.ports import Receipt
from partnergate.metering.usage import UsageEvent
from partnergate.service.access import Need, needs
from partnergate.service.api.ingest import ClosedError, QueueFullError
from partnergate.service.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.service.api.ingest import IngestQueue
    from partnergate.service.metrics import ServiceMetrics

MOST_ITEMS = 10_000
MOST_BYTES = 32 * 1024 * 1024
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"

_ENCODER = msgspec.json.Encoder()

REJECTED = "rejected"
_DETAILS = {
    Receipt.CONFLICT: "this source and id are known with other content; the first content stays",
    Receipt.PARKED: "kept; it counts once its login, or the event it corrects, is known",
    Receipt.QUARANTINED: "kept and not counted: its time is more than five minutes ahead",
}


class ItemResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What became of one item, as it is answered."""

    id: str | None
    status: str
    reason: str = ""
    detail: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a batch."""

    counts: dict[str, int]
    """Status -> how many."""
    results: list[ItemResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageIntake:
    """From parsed items to their results, through the queue."""

    queue: IngestQueue
    metrics: ServiceMetrics

    async def take(self, items: Sequence[UsageEvent | Rejected]) -> Taken:
        """The result of each item, in order; raises a ``Problem`` when nothing was taken."""
        events = [item for item in items if isinstance(item, UsageEvent)]
        try:
            receipts = await asyncio.wrap_future(self.queue.submit(events)) if events else ()
        except QueueFullError as error:
            raise Problem(429, "too many events wait to be written", headers={"Retry-After": "1"}) from error
        except ClosedError as error:
            raise Problem(503, "the service is stopping", headers={"Retry-After": "5"}) from error
        told = iter(receipts)
        results = [
            _accepted(item, next(told)) if isinstance(item, UsageEvent) else _rejected(item) for item in items
        ]
        counts = dict(Counter(result.status for result in results))
        self.metrics.count_results(counts, (item.reason for item in items if isinstance(item, Rejected)))
        return Taken(counts=counts, results=results)


def usage_routes(intake: UsageIntake) -> APIRouter:
    """The routes of the usage API."""
    router = APIRouter(prefix="/v1/usage", tags=["usage"])

    @router.post("", dependencies=[needs(Need.USAGE)], summary="Send usage events", openapi_extra=_OPENAPI)
    async def send_usage(request: Request) -> Response:
        """Keeps each event once under its ``source`` and ``id``; answers when they are durable."""
        body = await _body(request)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if content_type == BATCH:
                items = read_batch(body)
                if len(items) > MOST_ITEMS:
                    raise Problem(413, f"a batch has at most {MOST_ITEMS} events", limit=MOST_ITEMS)
                taken = await intake.take(items)
                return Response(_ENCODER.encode(taken), media_type="application/json")
            if content_type == STRUCTURED:
                return _single_response(await intake.take([read_structured(body)]))
            if content_type == BINARY or any(name.startswith("ce-") for name in request.headers):
                _require_headers(request)
                return _single_response(await intake.take([read_binary(_attributes(request), body)]))
        except MalformedBodyError as error:
            raise Problem(400, str(error)) from error
        raise Problem(
            415,
            f"send {BATCH}, {STRUCTURED}, or {BINARY} with ce- headers",
            content_type=content_type or None,
            accepted=[BATCH, STRUCTURED, BINARY],
        )

    return router


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise Problem(413, f"a body has at most {MOST_BYTES} bytes", limit_bytes=MOST_BYTES)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise Problem(413, f"a body has at most {MOST_BYTES} bytes", limit_bytes=MOST_BYTES)
        parts.append(part)
    return b"".join(parts)


def _require_headers(request: Request) -> None:
    """Names every header that binary mode needs and the request lacks."""
    missing = [name for name in _HEADERS if not request.headers.get(name)]
    if missing:
        raise Problem(
            400,
            f"in binary mode each attribute of the event is a header; missing: {', '.join(missing)}. "
            f"A body that holds the attributes itself is {STRUCTURED}, a list of such is {BATCH}",
            missing=missing,
        )


def _attributes(request: Request) -> dict[str, str]:
    """The ``ce-`` headers; their values are percent-encoded as the HTTP binding says."""
    from urllib.parse import unquote  # noqa: PLC0415 - binary mode only

    found = {k[3:]: unquote(v.strip('"')) for k, v in request.headers.items() if k.startswith("ce-")}
    found["datacontenttype"] = request.headers.get("content-type", "application/json")
    return found


def _accepted(event: UsageEvent, receipt: Receipt) -> ItemResult:
    return ItemResult(event.id, receipt.value, detail=_DETAILS.get(receipt, ""))


def _rejected(item: Rejected) -> ItemResult:
    return ItemResult(item.id, REJECTED, reason=item.reason.value, detail=item.detail)


def _single_response(taken: Taken) -> Response:
    (result,) = taken.results
    if result.status == REJECTED:
        raise Problem(400, result.detail, reason=result.reason, event_id=result.id)
    if result.status == Receipt.CONFLICT:
        raise Problem(409, result.detail, reason="conflict", event_id=result.id)
    return Response(_ENCODER.encode(result), HTTPStatus.OK, media_type="application/json")


_ATTRIBUTES = {
    "specversion": {"const": "1.0"},
    "source": {"type": "string", "format": "uri-reference", "maxLength": 1024},
    "id": {"type": "string", "minLength": 1, "maxLength": 255},
    "type": {"type": "string", "minLength": 1, "maxLength": 255},
    "time": {"type": "string", "format": "date-time", "description": "With a time zone."},
    "subject": {
        "type": "string",
        "description": "session:<session id>, user:<user id>, or <partner>:<the partner's subject>.",
    },
    "datacontenttype": {"type": "string", "default": "application/json"},
    "data": {
        "type": "object",
        "maxProperties": 64,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
}
_REQUIRED = ("specversion", "source", "id", "type", "time")
_HEADERS = tuple(f"ce-{name}" for name in _REQUIRED)
_EVENT = {
    "type": "object",
    "required": list(_REQUIRED),
    "properties": _ATTRIBUTES,
}
_RESULT = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": ["string", "null"]},
        "status": {"enum": ["accepted", "duplicate", "conflict", "parked", "quarantined", "rejected"]},
        "reason": {"type": "string"},
        "detail": {"type": "string"},
    },
}
_PROBLEM = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    }
}
_WAIT = {**_PROBLEM, "headers": {"Retry-After": {"schema": {"type": "integer"}}}}
_BINARY_HEADER = "Binary mode: the attribute of one event whose data is the JSON body."
_OPENAPI = {
    "parameters": [
        {
            "name": f"ce-{name}",
            "in": "header",
            "required": False,
            "description": _BINARY_HEADER,
            "schema": schema,
        }
        for name, schema in _ATTRIBUTES.items()
        if name not in {"data", "datacontenttype"}
    ],
    "requestBody": {
        "required": True,
        "content": {
            BATCH: {"schema": {"type": "array", "maxItems": MOST_ITEMS, "items": _EVENT}},
            STRUCTURED: {"schema": _EVENT},
            BINARY: {"schema": _ATTRIBUTES["data"]},
        },
    },
    "responses": {
        "200": {
            "description": "The result of the event, or of each event of a batch in order.",
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            _RESULT,
                            {
                                "type": "object",
                                "required": ["counts", "results"],
                                "properties": {
                                    "counts": {
                                        "type": "object",
                                        "additionalProperties": {"type": "integer"},
                                    },
                                    "results": {"type": "array", "items": _RESULT},
                                },
                            },
                        ]
                    }
                }
            },
        },
        "400": {
            "description": "The body is not what its content type says, or a header is missing.",
            **_PROBLEM,
        },
        "401": {"description": "No valid token of the realm.", **_PROBLEM},
        "403": {"description": "The token lacks the role usage-writer.", **_PROBLEM},
        "409": {"description": "The key of a single event is known with other content.", **_PROBLEM},
        "413": {"description": "More than 10,000 events or 32 MiB.", **_PROBLEM},
        "415": {"description": "Another content type.", **_PROBLEM},
        "429": {"description": "Too many events wait to be written.", **_WAIT},
        "503": {"description": "The store or the realm's keys cannot be reached.", **_WAIT},
    },
}
