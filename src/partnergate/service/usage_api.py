"""``POST /v1/usage``: CloudEvents in structured, binary and batch mode, one receipt an event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from partnergate.service.access import Need, needs
from partnergate.service.ingest import ClosedError, QueueFullError
from partnergate.service.problems import Problem
from partnergate.usage.cloudevents import (
    MalformedBodyError,
    Rejected,
    read_batch,
    read_binary,
    read_structured,
)
from partnergate.usage.model import UsageEvent
from partnergate.usage.ports import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.service.ingest import IngestQueue
    from partnergate.service.metrics import ServiceMetrics

MOST_ITEMS = 10_000
MOST_BYTES = 32 * 1024 * 1024
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

_ENCODER = msgspec.json.Encoder()

_DETAILS = {
    Receipt.CONFLICT: "this source and id are known with other content; the first content stays",
    Receipt.PARKED: "kept; it counts once its login, or the event it corrects, is known",
    Receipt.QUARANTINED: "kept and not counted: its time is more than five minutes ahead",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageIntake:
    """From parsed items to their results, through the queue."""

    queue: IngestQueue
    metrics: ServiceMetrics

    async def take(self, items: Sequence[UsageEvent | Rejected]) -> list[dict[str, Any]]:
        """The result of each item, in order; raises a ``Problem`` when nothing was taken."""
        events = [item for item in items if isinstance(item, UsageEvent)]
        try:
            receipts = await asyncio.wrap_future(self.queue.submit(events)) if events else ()
        except QueueFullError as error:
            raise Problem(429, "too many events wait to be written", headers={"Retry-After": "1"}) from error
        except ClosedError as error:
            raise Problem(503, "the service is stopping", headers={"Retry-After": "5"}) from error
        told = iter(receipts)
        results = [_result(item, next(told) if isinstance(item, UsageEvent) else None) for item in items]
        self.metrics.count_results(results)
        return results


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
                return _batch_response(await intake.take(items))
            if content_type == STRUCTURED:
                return _single_response((await intake.take([read_structured(body)]))[0])
            if "ce-specversion" in request.headers:
                return _single_response((await intake.take([read_binary(_attributes(request), body)]))[0])
        except MalformedBodyError as error:
            raise Problem(400, str(error)) from error
        raise Problem(415, f"send {BATCH}, {STRUCTURED}, or one event with ce- headers")

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


def _attributes(request: Request) -> dict[str, str]:
    """The ``ce-`` headers; their values are percent-encoded as the HTTP binding says."""
    from urllib.parse import unquote  # noqa: PLC0415 - binary mode only

    found = {k[3:]: unquote(v.strip('"')) for k, v in request.headers.items() if k.startswith("ce-")}
    found["datacontenttype"] = request.headers.get("content-type", "application/json")
    return found


def _result(item: UsageEvent | Rejected, receipt: Receipt | None) -> dict[str, Any]:
    if isinstance(item, Rejected) or receipt is None:
        rejected = item if isinstance(item, Rejected) else None
        return {
            "id": None if rejected is None else rejected.id,
            "status": "rejected",
            "reason": "" if rejected is None else rejected.reason.value,
            "detail": "" if rejected is None else rejected.detail,
        }
    if receipt in _DETAILS:
        return {"id": item.id, "status": receipt.value, "detail": _DETAILS[receipt]}
    return {"id": item.id, "status": receipt.value}


def _batch_response(results: list[dict[str, Any]]) -> Response:
    counts: dict[str, int] = {}
    for result in results:
        counts[result["status"]] = counts.get(result["status"], 0) + 1
    return Response(_ENCODER.encode({"counts": counts, "results": results}), media_type="application/json")


def _single_response(result: dict[str, Any]) -> Response:
    if result["status"] == "rejected":
        raise Problem(400, result["detail"], reason=result["reason"], event_id=result["id"])
    if result["status"] == Receipt.CONFLICT:
        raise Problem(409, result["detail"], reason="conflict", event_id=result["id"])
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
_EVENT = {
    "type": "object",
    "required": ["specversion", "source", "id", "type", "time"],
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
_OPENAPI = {
    "requestBody": {
        "required": True,
        "content": {
            BATCH: {"schema": {"type": "array", "maxItems": MOST_ITEMS, "items": _EVENT}},
            STRUCTURED: {"schema": _EVENT},
            "application/json": {"schema": _ATTRIBUTES["data"]},
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
        "400": {"description": "The body is not what its content type says.", **_PROBLEM},
        "401": {"description": "No valid token of the realm.", **_PROBLEM},
        "403": {"description": "The token lacks the role usage-writer.", **_PROBLEM},
        "409": {"description": "The key of a single event is known with other content.", **_PROBLEM},
        "413": {"description": "More than 10,000 events or 32 MiB.", **_PROBLEM},
        "415": {"description": "Another content type.", **_PROBLEM},
        "429": {"description": "Too many events wait to be written.", **_WAIT},
        "503": {"description": "The store or the realm's keys cannot be reached.", **_WAIT},
    },
}
