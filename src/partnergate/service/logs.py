"""Structured logs: one JSON object per line with an event name and fields. No tokens or personal data."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

LOGGER = logging.getLogger("partnergate.service")


class JsonLines(logging.Formatter):
    """Formats records of ``log_event``. Records of other libraries keep their message as text."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", None) or record.name,
            **getattr(record, "fields", {}),
        }
        if not hasattr(record, "event"):
            fields["message"] = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
        return json.dumps(fields, default=str)


def log_event(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event. Field values are numbers or come from bounded sets."""
    LOGGER.log(level, event, extra={"event": event, "fields": fields})


def log_to(stream: TextIO | None = None) -> None:
    """Write the logs of this process to a stream; standard error by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(logging.INFO)
