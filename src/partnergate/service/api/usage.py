"""``POST /v1/usage``: CloudEvents in structured, binary and batch mode, with one result per event."""

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
from partnergate.service.problems import HttpProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.service.api.ingest import IngestQueue
    from partnergate.service.metrics import ServiceMetrics

MAX_ITEMS = 10_000
MAX_BYTES = 32 * 1024 * 1024
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"

_ENCODER = msgspec.json.Encoder()

REJECTED = "rejected"
_DETAILS = {
    Receipt.CONFLICT: "an event with this source and id but other content exists; the first event is kept",
    Receipt.PARKED: "stored; it becomes billable when its login, or the event that it corrects, is known",
    Receipt.QUARANTINED: "stored but not counted: the time is more than five minutes in the future",
}


class ItemResult(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The result of one item."""

    id: str | None
    status: str
    reason: str = ""
    detail: str = ""


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """The response to a batch."""

    counts: dict[str, int]
    """Number of items by status."""
    results: list[ItemResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageIntake:
    """Passes parsed items through the queue and returns their results."""

    queue: IngestQueue
    metrics: ServiceMetrics

    async def ingest(self, items: Sequence[UsageEvent | Rejected]) -> BatchResult:
        """Store the events and return the result of each item, in order.

        Raises a ``HttpProblem`` when nothing was stored.
        """
        events = [item for item in items if isinstance(item, UsageEvent)]
        try:
            receipts = await asyncio.wrap_future(self.queue.submit(events)) if events else ()
        except QueueFullError as error:
            raise HttpProblem(429, "the ingest queue is full", headers={"Retry-After": "1"}) from error
        except ClosedError as error:
            raise HttpProblem(503, "the service is stopping", headers={"Retry-After": "5"}) from error
        in_order = iter(receipts)
        results = [
            _accepted(item, next(in_order)) if isinstance(item, UsageEvent) else _rejected(item)
            for item in items
        ]
        counts = dict(Counter(result.status for result in results))
        self.metrics.count_results(counts, (item.reason for item in items if isinstance(item, Rejected)))
        return BatchResult(counts=counts, results=results)


def usage_routes(intake: UsageIntake) -> APIRouter:
    """Return the routes of the usage API."""
    router = APIRouter(prefix="/v1/usage", tags=["usage"])

    @router.post("", dependencies=[needs(Need.USAGE)], summary="Send usage events", openapi_extra=_OPENAPI)
    async def send_usage(request: Request) -> Response:
        """Store each event once per ``source`` and ``id``. Responds when the events are durable."""
        body = await _body(request)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if content_type == BATCH:
                items = read_batch(body)
                if len(items) > MAX_ITEMS:
                    raise HttpProblem(
                        413, f"a batch can contain at most {MAX_ITEMS:,} events", limit=MAX_ITEMS
                    )
                result = await intake.ingest(items)
                return Response(_ENCODER.encode(result), media_type="application/json")
            if content_type == STRUCTURED:
                return _single_response(await intake.ingest([read_structured(body)]))
            if content_type == BINARY or any(name.startswith("ce-") for name in request.headers):
                _require_headers(request)
                return _single_response(await intake.ingest([read_binary(_attributes(request), body)]))
        except MalformedBodyError as error:
            raise HttpProblem(400, str(error)) from error
        raise HttpProblem(
            415,
            f"unsupported content type: send {BATCH}, {STRUCTURED}, or {BINARY} with ce- headers",
            content_type=content_type or None,
            accepted=[BATCH, STRUCTURED, BINARY],
        )

    return router


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BYTES:
        raise HttpProblem(413, f"a body can contain at most {MAX_BYTES:,} bytes", limit_bytes=MAX_BYTES)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            raise HttpProblem(413, f"a body can contain at most {MAX_BYTES:,} bytes", limit_bytes=MAX_BYTES)
        parts.append(part)
    return b"".join(parts)


def _require_headers(request: Request) -> None:
    """Raise a ``HttpProblem`` that names every missing binary-mode header."""
    missing = [name for name in _HEADERS if not request.headers.get(name)]
    if missing:
        raise HttpProblem(
            400,
            f"missing headers for binary mode: {', '.join(missing)}. "
            f"For a body that contains the event attributes, use {STRUCTURED}, or {BATCH} for a list",
            missing=missing,
        )


def _attributes(request: Request) -> dict[str, str]:
    """Return the ``ce-`` headers, percent-decoded as the CloudEvents HTTP binding requires."""
    from urllib.parse import unquote  # noqa: PLC0415 - binary mode only

    found = {k[3:]: unquote(v.strip('"')) for k, v in request.headers.items() if k.startswith("ce-")}
    found["datacontenttype"] = request.headers.get("content-type", "application/json")
    return found


def _accepted(event: UsageEvent, receipt: Receipt) -> ItemResult:
    return ItemResult(event.id, receipt.value, detail=_DETAILS.get(receipt, ""))


def _rejected(item: Rejected) -> ItemResult:
    return ItemResult(item.id, REJECTED, reason=item.reason.value, detail=item.detail)


def _single_response(result: BatchResult) -> Response:
    (item,) = result.results
    if item.status == REJECTED:
        raise HttpProblem(400, item.detail, reason=item.reason, event_id=item.id)
    if item.status == Receipt.CONFLICT:
        raise HttpProblem(409, item.detail, reason="conflict", event_id=item.id)
    return Response(_ENCODER.encode(item), HTTPStatus.OK, media_type="application/json")


_ATTRIBUTES = {
    "specversion": {"const": "1.0"},
    "source": {"type": "string", "format": "uri-reference", "maxLength": 1024},
    "id": {"type": "string", "minLength": 1, "maxLength": 255},
    "type": {"type": "string", "minLength": 1, "maxLength": 255},
    "time": {"type": "string", "format": "date-time", "description": "Includes a time zone."},
    "subject": {
        "type": "string",
        "description": "session:<session id>, user:<user id>, or <partner>:<partner-side subject>.",
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
_BINARY_HEADER = "Binary mode: an attribute of the event. The JSON body is its data."
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
            BATCH: {"schema": {"type": "array", "maxItems": MAX_ITEMS, "items": _EVENT}},
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
            "description": "The body does not match its content type, or a header is missing.",
            **_PROBLEM,
        },
        "401": {"description": "The token is missing or not valid.", **_PROBLEM},
        "403": {"description": "The token does not have the role usage-writer.", **_PROBLEM},
        "409": {
            "description": "An event with the same source and id but different content exists.",
            **_PROBLEM,
        },
        "413": {"description": "More than 10,000 events or 32 MiB.", **_PROBLEM},
        "415": {"description": "The content type is not supported.", **_PROBLEM},
        "429": {"description": "The ingest queue is full.", **_WAIT},
        "503": {"description": "The store or the realm's signing keys are not available.", **_WAIT},
    },
}
