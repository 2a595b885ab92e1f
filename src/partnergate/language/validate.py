"""The whole workspace in every environment: what ``partnergate validate`` checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.diagnostics import Span
from partnergate.language.examination import Circumstances, Examined, examined
from partnergate.language.folder import PARTNERS, Folder
from partnergate.language.load import contents_of, partner_files, report_of_folder, templates_of
from partnergate.language.recorded.filling import Beside
from partnergate.language.report import Report
from partnergate.language.templates import environment_names
from partnergate.language.text.source_lines import with_source_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic

    File = tuple[PurePosixPath, bytes]
    Examine = Callable[[Sequence[File], Circumstances, Beside], Sequence[Examined]]


def examined_in_turn(files: Sequence[File], at: Circumstances, beside: Beside) -> list[Examined]:
    """One file after the other, in this process."""
    return [examined(content, path, at, beside=beside) for path, content in files]


def validated(
    folder: Folder,
    *,
    today: date,
    environment: str | None = None,
    variables: Mapping[str, str],
    examine: Examine = examined_in_turn,
    billed: frozenset[str] = frozenset(),
) -> tuple[Diagnostic, ...]:
    """Every problem of every file, in all environments or in the one that is asked for.

    ``billed`` are partners with a final statement, where that is known: they keep their files.
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
    at = Circumstances(
        tuple(one.realm for one in found),
        frozenset(names),
        today,
        complete=environment is None and len(found) == len(names),
    )
    files = examine(partner_files(folder), at, Beside(folder.partners, PARTNERS))
    report_of_folder(folder, files, report)
    _report_missing(billed, files, report)
    return with_source_lines(report.found(), contents_of(folder))


def _report_missing(billed: frozenset[str], files: Sequence[Examined], report: Report) -> None:
    """PG211. A file whose id cannot be read is known by its name."""
    there = {file.partner for file in files} | {file.path.stem for file in files}
    for partner in sorted(billed - there):
        report.add(
            "PG211",
            Span(file=PARTNERS / f"{partner}.yaml"),
            f"{partner} has final statements and no file",
            "take the file back from the history, with stage: retired",
        )
