"""Validates the whole workspace in every environment, for ``partnergate validate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.diagnostics import Span
from partnergate.language.examination import Context, Examined, examined
from partnergate.language.folder import PARTNERS, Folder
from partnergate.language.load import contents_of, partner_files, report_of_folder, templates_of
from partnergate.language.recorded.filling import RecordedFiles
from partnergate.language.report import Report
from partnergate.language.templates import environment_names
from partnergate.language.text.source_lines import with_source_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic

    File = tuple[PurePosixPath, bytes]
    Examine = Callable[[Sequence[File], Context, RecordedFiles], Sequence[Examined]]


def examined_in_turn(files: Sequence[File], at: Context, recorded: RecordedFiles) -> list[Examined]:
    """Check one file after another in this process."""
    return [examined(content, path, at, recorded=recorded) for path, content in files]


def validated(
    folder: Folder,
    *,
    today: date,
    environment: str | None = None,
    variables: Mapping[str, str],
    examine: Examine = examined_in_turn,
    billed: frozenset[str] = frozenset(),
    secret_file_problem: Callable[[str], str] | None = None,
) -> tuple[Diagnostic, ...]:
    """Return every problem of every file, in all environments or only in ``environment``.

    ``billed`` contains partners with a finalized statement, if known. Their files must exist.
    ``secret_file_problem`` describes why a file of the secrets directory cannot be used, if there is one.
    """
    names = environment_names(folder)
    report = Report()
    found = templates_of(
        folder,
        names if environment is None else [environment],
        variables=variables,
        commit_of=lambda _: "",
        report=report,
    )
    at = Context(
        tuple(one.realm for one in found),
        frozenset(names),
        today,
        complete=environment is None and len(found) == len(names),
        secret_file_problem=secret_file_problem,
    )
    files = examine(partner_files(folder), at, RecordedFiles(folder.partners, PARTNERS))
    report_of_folder(folder, files, report)
    _report_missing(billed, files, report)
    return with_source_lines(report.found(), contents_of(folder))


def _report_missing(billed: frozenset[str], files: Sequence[Examined], report: Report) -> None:
    """PG211. A file with an unreadable ID is identified by its name."""
    there = {file.partner for file in files} | {file.path.stem for file in files}
    for partner in sorted(billed - there):
        report.add(
            "PG211",
            Span(file=PARTNERS / f"{partner}.yaml"),
            f"partner {partner} has finalized statements but no partner file",
            "restore the file from the history and set stage: retired",
        )
