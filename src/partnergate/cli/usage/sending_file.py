"""Sends a file batch by batch, and stores the position beside the file after each accepted batch."""

from __future__ import annotations

import csv
import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from partnergate.client import SendError
from partnergate.errors import PartnergateError, UsageError
from partnergate.metering.backfill import event_of_line, event_of_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from partnergate.client import EventResult, UsageClient
    from partnergate.metering.backfill import Defaults

_IN_FLIGHT = 4
_LONGEST_RECORD = 65_536
_FAILED = ("rejected", "conflict")


class BackfillError(PartnergateError):
    """Part of the file was not sent; the stored position is where the next run continues."""


@dataclass(slots=True, kw_only=True)
class Done:
    """The results of one run."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: Path | None = None

    @property
    def failed(self) -> bool:
        """Whether any event was refused."""
        return any(self.counts.get(status) for status in _FAILED)


def run_backfill(client: UsageClient, file: Path, *, defaults: Defaults, batch: int, restart: bool) -> Done:
    """Send the file from the stored position, or from its beginning with ``restart``."""
    place = file.with_name(f"{file.name}.position")
    begin = 0 if restart else stored_position(place, file)
    done = Done()
    refused = file.with_name(f"{file.name}.problems.ndjson")
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with (
        _removed_when_empty(refused),
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
        ThreadPoolExecutor(_IN_FLIGHT) as pool,
        os.fdopen(
            os.open(refused, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as problems,
    ):
        shown = progress.add_task(file.name, total=file.stat().st_size, completed=begin)
        waiting: deque[tuple[int, Future[tuple[EventResult, ...]]]] = deque()

        def arrived() -> None:
            position, sent = waiting.popleft()
            try:
                results = sent.result()
            except SendError as error:
                raise BackfillError(
                    f"the file was not sent completely: {error}",
                    target=str(file),
                    advice="run the same command again; it continues where this run stopped",
                ) from error
            for result in results:
                done.counts[result.status] = done.counts.get(result.status, 0) + 1
                if result.status in _FAILED:
                    problems.write(
                        json.dumps({"id": result.id, "status": result.status, "detail": result.detail})
                    )
                    problems.write("\n")
                    done.problems = refused
            store_position(place, file, position)
            progress.update(shown, completed=position)

        for body, position in batches(file, begin, defaults, batch):
            waiting.append((position, pool.submit(client.send_body, body)))
            if len(waiting) >= _IN_FLIGHT:
                arrived()
        while waiting:
            arrived()
    return done


@contextmanager
def _removed_when_empty(file: Path) -> Iterator[None]:
    """Remove the file at the end if it is empty, also when the run fails."""
    try:
        yield
    finally:
        if file.exists() and not file.stat().st_size:
            file.unlink()


def batches(file: Path, begin: int, defaults: Defaults, size: int) -> Iterator[tuple[bytes, int]]:
    """JSON arrays of events, each with the position in the file after it; holds one batch in memory."""
    with file.open("rb") as lines:
        header = next(csv.reader([lines.readline().decode("utf-8-sig")]), []) if is_csv(file) else None
        if header is not None and "id" not in header:
            raise UsageError("the header has no column id", target=str(file))
        lines.seek(max(begin, lines.tell()))
        records = iter(lines.readline, b"") if header is None else _csv_records(lines)
        while part := list(islice(records, size)):
            whole = [record for record in part if record.strip()]
            if header is None:
                events = [event_of_line(line, defaults) for line in whole]
            else:
                events = [event_of_record(record, header, defaults) for record in whole]
            yield b"[" + b",".join(events) + b"]", lines.tell()


def _csv_records(lines: BinaryIO) -> Iterator[bytes]:
    """One record per line, or several lines with a quoted line break; a stray quote affects one line."""
    while first := lines.readline():
        after, record = lines.tell(), first
        while record.count(b'"') % 2 and len(record) < _LONGEST_RECORD and (more := lines.readline()):
            record += more
        if record.count(b'"') % 2:
            lines.seek(after)
            record = first
        yield record


def is_csv(file: Path) -> bool:
    """Whether the extension is .csv; raises ``UsageError`` for an unknown one."""
    match file.suffix.lower():
        case ".csv":
            return True
        case ".ndjson" | ".jsonl":
            return False
        case _:
            raise UsageError("the file must be .csv, .ndjson or .jsonl", target=str(file))


def stored_position(place: Path, file: Path) -> int:
    """Where the last run stopped; 0 if the file has changed since."""
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        same = found["size"] == file.stat().st_size
        return int(found["position"]) if same else 0
    except (OSError, ValueError, KeyError):
        return 0


def store_position(place: Path, file: Path, position: int) -> None:
    """Replace the stored position atomically."""
    new = place.with_name(f"{place.name}.new")
    new.write_text(json.dumps({"size": file.stat().st_size, "position": position}), encoding="utf-8")
    new.replace(place)
