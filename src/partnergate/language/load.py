"""Loads the files of a workspace into the typed model and collects every problem."""

from __future__ import annotations

from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from partnergate.diagnostics import Severity, has_errors
from partnergate.language.examination import Context, Examined, examined
from partnergate.language.folder import PARTNERS, TEMPLATES, Folder, read_folder
from partnergate.language.recorded.filling import DISCOVERY_SUFFIX, METADATA_SUFFIX, RecordedFiles
from partnergate.language.report import Report
from partnergate.language.rules.across import conflicts
from partnergate.language.templates import environment_names, report_shared_realms, template
from partnergate.language.text.source_lines import with_source_lines
from partnergate.model.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from partnergate.diagnostics import Diagnostic
    from partnergate.language.templates import Template
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_FILES: Mapping[str, bytes] = MappingProxyType({})
_BESIDE_SUFFIXES = (DISCOVERY_SUFFIX, METADATA_SUFFIX, ".pem", ".crt", ".cer", ".der", ".json", ".xml", ".md")
_SUFFIX = ".yaml"
_PRIVATE_KEY = b"PRIVATE KEY-----"


class UnusableFile(NamedTuple):
    """A partner file with errors."""

    path: PurePosixPath
    partner: str
    """The ID in the file, or the name of the file if it cannot be read."""
    errors: tuple[Diagnostic, ...]


def _no_commit(_: PurePosixPath) -> str:
    return ""


def partner_files(folder: Folder) -> tuple[tuple[PurePosixPath, bytes], ...]:
    """Return the partner files, sorted by name."""
    return tuple(
        (PARTNERS / name, content)
        for name, content in sorted(folder.partners.items())
        if name.endswith(_SUFFIX)
    )


def contents_of(folder: Folder) -> dict[PurePosixPath, bytes]:
    """Return every file by its path from the root of the workspace."""
    found = {PARTNERS / name: content for name, content in folder.partners.items()}
    return found | {TEMPLATES / name: content for name, content in folder.templates.items()}


def templates_of(
    folder: Folder,
    environments: Iterable[str],
    *,
    variables: Mapping[str, str],
    commit_of: Callable[[PurePosixPath], str],
    report: Report,
) -> tuple[Template, ...]:
    """Return the realms of the environments whose templates can be read."""
    found = (
        template(name, folder, variables=variables, commit_of=commit_of, report=report)
        for name in environments
    )
    usable = tuple(one for one in found if one is not None)
    report_shared_realms(usable, report)
    return usable


def report_of_folder(folder: Folder, files: Iterable[Examined], report: Report) -> None:
    """Report problems of the directory as a whole: ignored files, duplicate partners, shared values."""
    from partnergate.diagnostics import Span  # noqa: PLC0415 - a mistake's place

    for name, content in folder.partners.items():
        if not name.endswith(_SUFFIX) and (before := content.partition(_PRIVATE_KEY))[1]:
            report.add(
                "PG102",
                Span(file=PARTNERS / name, line=before[0].count(b"\n") + 1),
                "the directory contains a private key",
                "delete it from the history as well and create a new key; only certificates are public",
            )
        if not name.endswith((_SUFFIX, *_BESIDE_SUFFIXES)) and not name.startswith("."):
            hint = "rename it to .yaml" if name.endswith(".yml") else "move it to another directory"
            report.add("PG036", Span(file=PARTNERS / name), "file is ignored", hint)
    for path in folder.links:
        report.add(
            "PG038",
            Span(file=path),
            "this is a link or a special file, which is not read",
            "replace it with a copy of the file or directory",
        )
    for path in folder.unprintable:
        report.add(
            "PG038",
            Span(file=path),
            "the file name has characters that are not printable; the file is not read",
            "rename it: letters, digits, dots, dashes and underscores",
        )
    seen: dict[str, Examined] = {}
    for file in files:
        report.extend(file.diagnostics)
        if file.partner is None:
            continue
        first = seen.setdefault(file.partner, file)
        if first is not file:
            report.add(
                "PG201",
                Span(file=file.path),
                f"{first.path} has the same partner ID: {file.partner}",
                "delete one of the files",
            )
    conflicts((found for file in files for found in file.unique_values), report)


def load_workspace(
    root: Path,
    environment: str,
    *,
    variables: Mapping[str, str] = _NOTHING,
    commit_of: Callable[[PurePosixPath], str] = _no_commit,
    today: date | None = None,
) -> tuple[Workspace | None, tuple[Diagnostic, ...]]:
    """Return the realm and all partners of ``root`` in one environment; no workspace if there are errors.

    ``variables`` are the environment variables for ``{env: NAME}`` in realm templates. ``commit_of``
    returns the commit of a file by its path from ``root``. Without ``today``, rules that depend on the
    date (expired certificates and waivers) are skipped.
    """
    realm, files, diagnostics = _files_of(root, environment, variables, commit_of, today)
    if has_errors(diagnostics) or realm is None:
        return None, diagnostics
    return _workspace(realm, files), diagnostics


def load_usable_partners(
    root: Path,
    environment: str,
    *,
    variables: Mapping[str, str] = _NOTHING,
) -> tuple[Workspace | None, tuple[Diagnostic, ...], tuple[UnusableFile, ...]]:
    """Return the workspace without the partners whose files have errors, and these files.

    For commands that look at partners one by one. There is no workspace if the realm template has
    errors. Rules that depend on the date are skipped.
    """
    realm, files, diagnostics = _files_of(root, environment, variables, _no_commit, None)
    if realm is None:
        return None, diagnostics, ()
    errors = [d for d in diagnostics if d.severity is Severity.ERROR]
    usable, unusable = [], []
    for file in files:
        of_documents = {d.span.file for d in file.diagnostics}
        own = tuple(d for d in errors if d.span.file in {file.path, *of_documents})
        if own:
            unusable.append(UnusableFile(file.path, file.partner or file.path.stem, own))
        else:
            usable.append(file)
    return _workspace(realm, usable), diagnostics, tuple(unusable)


def _files_of(
    root: Path,
    environment: str,
    variables: Mapping[str, str],
    commit_of: Callable[[PurePosixPath], str],
    today: date | None,
) -> tuple[RealmSpec | None, list[Examined], tuple[Diagnostic, ...]]:
    """Return the realm, if its template has no errors, every examined partner file, and all problems."""
    folder = read_folder(root)
    report = Report()
    found = templates_of(folder, [environment], variables=variables, commit_of=commit_of, report=report)
    realm = None if report.has_errors else next((one.realm for one in found), None)
    realms = tuple(one.realm for one in found)
    at = Context(realms, frozenset(environment_names(folder)), today)
    recorded = RecordedFiles(folder.partners, PARTNERS)
    files = [
        examined(content, path, at, recorded=recorded, commit=commit_of(path))
        for path, content in partner_files(folder)
    ]
    report_of_folder(folder, files, report)
    return realm, files, with_source_lines(report.found(), contents_of(folder))


def _workspace(realm: RealmSpec, files: Iterable[Examined]) -> Workspace:
    specs = sorted((spec for file in files for spec in file.specs()), key=lambda spec: spec.partner)
    return Workspace(realm=realm, partners=tuple(specs))


def load_partner(
    text: str | bytes,
    path: PurePosixPath | str,
    *,
    realm: RealmSpec,
    recorded: Mapping[str, bytes] = _NO_FILES,
    commit: str = "",
    today: date | None = None,
) -> tuple[PartnerSpec | None, tuple[Diagnostic, ...]]:
    """Load one partner file in one environment. ``recorded`` contains the recorded files it may refer to."""
    place = PurePosixPath(path)
    content = text if isinstance(text, bytes) else text.encode("utf-8")
    at = Context((realm,), frozenset({realm.environment}), today)
    file = examined(content, place, at, recorded=RecordedFiles(recorded, place.parent), commit=commit)
    report = Report(d for d in file.diagnostics if d.code != "PG029")
    report.conceal(dict(realm.environment_values))
    known_here = report.found()
    diagnostics = with_source_lines(known_here, {place: content})
    spec = next(iter(file.specs()), None)
    return (None if has_errors(diagnostics) else spec), diagnostics
