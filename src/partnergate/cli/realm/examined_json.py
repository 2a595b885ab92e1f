"""The results of examined files as JSON, for the pipe between processes.

JSON creates values only: whatever a process writes to the pipe, reading it runs no code.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from partnergate.diagnostics import Diagnostic, Severity, Span
from partnergate.language.examination import Examined
from partnergate.language.rules.across import UniqueValue, UniqueValuesIn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def examined_to_json(parts: Mapping[int, Sequence[Examined]]) -> bytes:
    """Encode the results of parts by number, without the typed values of the files."""
    return json.dumps(
        {str(number): [_examined(one) for one in part] for number, part in parts.items()}
    ).encode()


def examined_from_json(content: bytes) -> dict[int, list[Examined]]:
    """Decode ``examined_to_json``. Raises ``ValueError`` for anything else."""
    try:
        return {int(number): [_read(one) for one in part] for number, part in json.loads(content).items()}
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("not the results of examined files") from error


def _examined(one: Examined) -> list[Any]:
    diagnostics = [
        [d.code, d.severity.value, d.message, d.hint, d.source_line, *_span(d.span)] for d in one.diagnostics
    ]
    unique = [
        [of.environment, [[u.code, u.value, u.partner, *_span(u.span)] for u in of.unique_values]]
        for of in one.unique_values
    ]
    return [str(one.path), one.partner, diagnostics, unique]


def _span(span: Span) -> list[Any]:
    return [str(span.file), span.line, span.column, span.end_column]


def _read(one: list[Any]) -> Examined:
    path, partner, diagnostics, unique = one
    return Examined(
        PurePosixPath(path),
        tuple(
            Diagnostic(
                code=code,
                severity=Severity(severity),
                message=message,
                hint=hint,
                source_line=line,
                span=_read_span(span),
            )
            for code, severity, message, hint, line, *span in diagnostics
        ),
        tuple(
            UniqueValuesIn(
                environment,
                tuple(
                    UniqueValue(code, value, owner, _read_span(span)) for code, value, owner, *span in values
                ),
            )
            for environment, values in unique
        ),
        partner,
        None,
    )


def _read_span(span: list[Any]) -> Span:
    file, line, column, end_column = span
    return Span(PurePosixPath(file), line, column, end_column)
