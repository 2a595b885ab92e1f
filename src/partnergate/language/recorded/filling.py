"""Merges recorded values under the values of the partner file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.recorded.discovery import discovery_entries
from partnergate.language.recorded.discovery_limits import check_offers
from partnergate.language.recorded.metadata import recorded_metadata
from partnergate.language.recorded.metadata_limits import PublishedLimits
from partnergate.language.report import Report
from partnergate.language.shape.suggestion import did_you_mean, nearest
from partnergate.language.text.tree import (
    Entry,
    Mapping,
    Scalar,
    Sequence,
    Tree,
    child,
    head_of,
    span_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf
    from datetime import date
    from pathlib import PurePosixPath

DISCOVERY_SUFFIX = "openid-configuration.json"
METADATA_SUFFIX = "idp-metadata.xml"
_CERTIFICATE_NAME_LENGTH = 130
_NEEDED = {
    "oidc": ("authorization_url", "token_url", "jwks_url"),
    "saml": ("sso_url",),
}
_FILLED = {
    "oidc": (*_NEEDED["oidc"], "userinfo_url", "logout_url"),
    "saml": ("sso_url", "sso_binding", "slo_url", "slo_binding", "certificates"),
}
_BINDING_OF = {"sso_binding": "sso_url", "slo_binding": "slo_url"}
"""A recorded binding applies only to the recorded URL, not to a URL of the partner file."""
_IDENTITY = {"oidc": ("issuer", "PG031"), "saml": ("entity_id", "PG032")}


class RecordedFiles:
    """The files of the partner directory, by name."""

    def __init__(self, files: MappingOf[str, bytes], directory: PurePosixPath) -> None:
        self.by_name, self.directory = files, directory

    def recorded(self, provider: str, environment: str) -> tuple[str | None, ...]:
        """Return everything that depends on the environment when a provider is read."""
        return tuple(
            self.default_name(provider, environment, end) for end in (DISCOVERY_SUFFIX, METADATA_SUFFIX)
        )

    def suggestion(self, name: str) -> str:
        """Return a hint with a recorded file of a similar name."""
        for end in (DISCOVERY_SUFFIX, METADATA_SUFFIX):
            if name.endswith(end):
                # Compare without the long common suffix, which would make every name similar.
                found = nearest(name.removesuffix(end), self._beginnings(end))
                return f'did you mean "{found}{end}"?' if found else ""
        return did_you_mean(name, [known for known in self.by_name if not known.endswith(".yaml")])

    def _beginnings(self, end: str) -> list[str]:
        return [known.removesuffix(end) for known in self.by_name if known.endswith(end)]

    def default_name(self, provider: str, environment: str, suffix: str) -> str | None:
        """Return the recorded file with the default name, preferably of this environment."""
        names = (f"{provider}.{environment}.{suffix}", f"{provider}.{suffix}")
        return next((name for name in names if name in self.by_name), None)


def _text(tree: Tree | None) -> str | None:
    return tree.text if isinstance(tree, Scalar) else None


def _named_file(sign_in: Mapping, key: str) -> Scalar | None:
    section = sign_in.entries.get(key)
    found = child(section.value, "file") if section else None
    return found if isinstance(found, Scalar) else None


def _recorded(
    sign_in: Mapping,
    protocol: str,
    files: RecordedFiles,
    default: str | None,
    *,
    today: date | None,
    report: Report,
) -> dict[str, Entry] | None:
    """Return the recorded values; none if no document exists or it cannot be used."""
    named = _named_file(sign_in, "discovery" if protocol == "oidc" else "metadata")
    name = named.text if named else default
    if name is None:
        return None
    content = files.by_name.get(name)
    if content is None:
        where = named or sign_in
        report.add(
            "PG030",
            span_of(where),
            f"file {files.directory}/{name} does not exist",
            files.suggestion(name) or "record it: partnergate partner add NAME --from URL",
        )
        return None
    file = files.directory / name
    if protocol == "oidc":
        return discovery_entries(content, file, report)
    found = recorded_metadata(content, file, _text(child(sign_in, "entity_id")), report)
    if found is None:
        return None
    limits = PublishedLimits(found.provider, file, sign_in.entries)
    limits.check(today=today, fetched=_has_url(sign_in), report=report)
    return found.entries


def _check_identity(sign_in: Mapping, protocol: str, recorded: dict[str, Entry], report: Report) -> None:
    key, _ = _IDENTITY[protocol]
    own, there = child(sign_in, key), recorded[key].value
    if isinstance(own, Scalar) and _text(there) != own.text:
        report.add(
            "PG033",
            span_of(own),
            f"{there.file} belongs to {_text(there)}, not to {own.text}",
            "correct the key, or record the document of this environment",
        )


def _is_file_name(item: Tree) -> bool:
    return isinstance(item, Scalar) and "." in item.text and len(item.text) < _CERTIFICATE_NAME_LENGTH


def _with_certificates(sign_in: Mapping, files: RecordedFiles, report: Report) -> Mapping:
    """Replace the names of certificate files with the content of the files."""
    entry = sign_in.entries.get("certificates")
    if entry is None or not isinstance(entry.value, Sequence):
        return sign_in
    if not any(map(_is_file_name, entry.value.items)):
        return sign_in
    items: list[Tree] = []
    for item in entry.value.items:
        if isinstance(item, Scalar) and _is_file_name(item):
            content = files.by_name.get(item.text)
            if content is None:
                report.add(
                    "PG030",
                    span_of(item),
                    f"file {files.directory / item.text} does not exist",
                    files.suggestion(item.text)
                    or f"add the file to {files.directory}, or write the certificate here",
                )
                continue
            items.append(item._replace(text=content.decode("latin-1"), plain=False))
        else:
            items.append(item)
    if not items:  # the missing files have been reported; an empty list is not another mistake
        return sign_in.with_entries({name: e for name, e in sign_in.entries.items() if e is not entry})
    filled = Entry(entry.key, entry.value._replace(items=tuple(items)))
    return sign_in._replace(entries={**sign_in.entries, "certificates": filled})


def filled(
    sign_in: Tree,
    provider: str,
    environment: str,
    files: RecordedFiles,
    report: Report,
    *,
    today: date | None = None,
) -> Tree:
    """Return the sign-in with every key that a recorded document provides.

    Without ``today``, nothing that depends on the date is reported.
    """
    if not isinstance(sign_in, Mapping):
        return sign_in
    protocol = _text(child(sign_in, "protocol"))
    if protocol not in _NEEDED:
        return sign_in
    named = "discovery" if protocol == "oidc" else "metadata"
    entries = sign_in.entries
    missing = [key for key in _NEEDED[protocol] if key not in entries]
    unsigned = protocol == "saml" and "certificates" not in entries and not _has_url(sign_in)
    if missing or unsigned or _named_file(sign_in, named):
        suffix = DISCOVERY_SUFFIX if protocol == "oidc" else METADATA_SUFFIX
        own = Report()
        recorded = _recorded(
            sign_in,
            protocol,
            files,
            files.default_name(provider, environment, suffix),
            today=today,
            report=own,
        )
        if recorded is not None:
            _check_identity(sign_in, protocol, recorded, own)
            check_offers(sign_in, recorded, own)
            more = {
                key: recorded[key]
                for key in _FILLED[protocol]
                if key in recorded and key not in entries and _BINDING_OF.get(key) not in entries
            }
            sign_in = sign_in._replace(entries={**entries, **more})
        unset = [key for key in missing if key not in sign_in.entries]
        report.extend(own.found())
        if unset and not own.has_errors:
            noun, pronoun = ("key", "it") if len(unset) == 1 else ("keys", "them")
            report.add(
                "PG013",
                head_of(sign_in),
                f"missing {noun} {', '.join(unset)} in sign_in ({protocol})",
                f"write {pronoun}, or record {provider}.{suffix}: "
                f"partnergate partner add {provider} --from URL",
            )
    return _with_certificates(sign_in, files, report)


def _has_url(sign_in: Mapping) -> bool:
    section = sign_in.entries.get("metadata")
    return section is not None and child(section.value, "url") is not None
