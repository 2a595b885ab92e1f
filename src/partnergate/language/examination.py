"""Checks one partner file in every environment: its problems, typed values, and unique values."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from partnergate.diagnostics import Severity
from partnergate.language.agreement_versions import version_findings, versions_of
from partnergate.language.building import partners
from partnergate.language.codes.catalog import CODES
from partnergate.language.keys.partner import PARTNER
from partnergate.language.providers import Owner, ProvidersIn
from partnergate.language.reading import is_clean, read_partner
from partnergate.language.report import Report
from partnergate.language.rules.across import UniqueValuesIn, unique_values_of
from partnergate.language.rules.addresses import address_problems
from partnergate.language.rules.rule_catalog import (
    DATED_PROVIDER_RULES,
    OWN_RULES,
    PARTNER_RULES,
    REALM_PROVIDER_RULES,
)
from partnergate.language.rules.rule_inputs import PartnerAt
from partnergate.language.rules.secrets import usable_file
from partnergate.language.text.tree import Sequence, child, locate, span_of
from partnergate.model.deployment import concerns
from partnergate.model.partner import PartnerId, PartnerSpec, SourceFile, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic
    from partnergate.language.reading import ReadFile
    from partnergate.language.recorded.filling import RecordedFiles
    from partnergate.language.rules.across import UniqueValue
    from partnergate.language.rules.rule_inputs import ProviderAt
    from partnergate.language.shape.finding import Finding
    from partnergate.language.text.tree import Mapping, Path, Tree
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import EnvironmentName, ProviderSpec, Waiver


class Values(NamedTuple):
    """The typed values of a file: the values shared by all environments, and the providers of each one."""

    base: PartnerSpec
    providers: tuple[tuple[EnvironmentName, tuple[ProviderSpec, ...]], ...]


class Examined(NamedTuple):
    """The result of checking one file."""

    path: PurePosixPath
    diagnostics: tuple[Diagnostic, ...]
    unique_values: tuple[UniqueValuesIn, ...]
    partner: str | None
    values: Values | None
    """The values that are well formed; none if there are none."""

    def specs(self) -> tuple[PartnerSpec, ...]:
        """Return the partner in each environment."""
        if self.values is None:
            return ()
        base, providers = self.values
        return tuple(replace(base, environment=name, providers=found) for name, found in providers)

    def without_values(self) -> Examined:
        """Return only what validation needs."""
        return self._replace(values=None)


class Context(NamedTuple):
    """The context in which a file is checked."""

    realms: tuple[RealmSpec, ...]
    environments: frozenset[str]
    """Every environment that has a template, whether it is checked or not."""
    today: date | None = None
    complete: bool = False
    """Whether ``realms`` contains all environments, so that a missing name is undeclared everywhere."""
    secret_file_problem: Callable[[str], str] | None = None
    """Describes why a file of the secrets directory cannot be used; ``None`` without a directory."""


class _Waivers:
    """Lowers waived errors to notes and records which waivers were used."""

    def __init__(self, waivers: Iterable[Waiver], today: date | None) -> None:
        self._by_code = {w.code: w for w in waivers if today is None or w.until >= today}
        self.used: set[str] = set()

    def severity(self, code: str) -> tuple[Severity | None, str]:
        """Return a severity that replaces the severity of the code, and text to append to the message."""
        waiver = self._by_code.get(code)
        if waiver is None or not CODES[code].waivable:
            return None, ""
        self.used.add(code)
        return Severity.NOTE, f" (waived until {waiver.until} by {waiver.approved_by}: {waiver.reason})"


_MISTYPED = 20
"""Maximum number of unknown keys that are compared with the known keys."""
_ABOUT_ABSENCE = frozenset({"PG116", "PG124", "PG132", "PG133", "PG140"})
"""Rules about missing keys. They are unreliable if part of the file could not be parsed."""


def _place(finding: Finding, provider: ProviderAt) -> tuple[str, str]:
    """Return the section and the key that a finding refers to."""
    for part, prefix in (("sign_in", provider.sign()), ("identity", provider.who())):
        if finding.path[: len(prefix)] == prefix and len(finding.path) > len(prefix):
            return part, str(finding.path[len(prefix)])
    return "", ""


def _written_at(tree: Mapping, path: Path) -> Tree | None:
    """Return the node that names a provider; none if the file name does, which no environment changes."""
    at: Tree | None = tree
    for step in path:
        at = None if at is None else child(at, step)
    return at if path else None


class _Examination:
    """The checks of one file. Each adds to the same report."""

    def __init__(self, file: ReadFile, report: Report, at: Context, recorded: RecordedFiles) -> None:
        self.file, self.report, self.at, self.recorded = file, report, at, recorded
        self.known = report.places()
        unknown = [name for name in file.tree.entries if name not in PARTNER.by_name]
        intended = {PARTNER.intended_key(name) for name in unknown[:_MISTYPED]}
        self.present = frozenset(file.tree.entries) | intended
        """The keys of the file, including the intended names of misspelled keys."""
        values = file.values
        self.owner = Owner(
            values.get("partner") or file.path.stem,
            values.get("name") or "",
            Stage(values.get("stage") or "live"),
        )
        self.versions = versions_of(file, report)
        self.waivers = partners.waivers(self._clean("waivers"))
        self.applied_waivers = _Waivers(self.waivers, at.today)

    def _clean(self, key: str) -> list[dict[str, object]]:
        """Return the list entries that contain no error."""
        listed, values = child(self.file.tree, key), self.file.values.get(key)
        if not isinstance(listed, Sequence) or not values:
            return []
        if not self.report.has_errors:
            return list(values)
        return [
            v
            for tree, v in zip(listed.items, values, strict=True)
            if v is not None and is_clean(tree, self.report)
        ]

    def base(self, source: SourceFile) -> PartnerSpec:
        """Return the values that are the same in every environment."""
        values = self.file.values
        contacts = child(self.file.tree, "contacts")
        usable = contacts is not None and is_clean(contacts, self.report)
        return PartnerSpec(
            partner=PartnerId(self.owner.partner),
            name=values.get("name") or self.owner.partner,
            stage=self.owner.stage,
            environment="",  # type: ignore[arg-type]
            source=source,
            contacts=partners.contacts(values.get("contacts") or {} if usable else {}),
            test_users=partners.test_users(self._clean("test_users")),
            agreements=self.versions.agreements,
            waivers=self.waivers,
            onboarding=partners.onboarding(self._clean("onboarding")),
        )

    def add(self, code: str, finding: Finding, tree: Mapping) -> None:
        """Report a finding, as a note if a waiver covers it."""
        severity, words = self.applied_waivers.severity(code)
        span = locate(tree, finding.path, key=finding.on_key)
        self.report.add(code, span, finding.message + words, finding.hint, severity=severity)

    def rules_of_the_file(self, partner: PartnerSpec) -> None:
        """Run the checks that do not depend on an environment."""
        at = PartnerAt(partner=partner, present=self.present, today=self.at.today)
        for code, rule in PARTNER_RULES:
            for finding in rule(at):
                self.add(code, finding, self.file.tree)
        for code, finding in version_findings(self.versions):
            self.add(code, finding, self.file.tree)

    def known_environments(self) -> None:
        """PG029."""
        from partnergate.language.shape.suggestion import did_you_mean  # noqa: PLC0415 - only a mistake needs it

        overrides = child(self.file.tree, "environments")
        for name, entry in getattr(overrides, "entries", {}).items():
            if name not in self.at.environments:
                self.report.add(
                    "PG029",
                    span_of(entry.key),
                    f'environment "{name}" does not exist',
                    did_you_mean(name, self.at.environments)
                    or f"environments: {', '.join(sorted(self.at.environments))}",
                )

    def own_findings(self, provider: ProviderAt) -> Iterator[tuple[str, Finding]]:
        """Run the provider rules that have the same result in every realm."""
        for code, rule in OWN_RULES[type(provider.sign_in)]:
            for finding in rule(provider):
                yield code, finding
        if self.at.today is not None:
            for code, dated in DATED_PROVIDER_RULES:
                for finding in dated(provider, self.at.today):
                    yield code, finding
        if self.at.secret_file_problem is not None:
            for finding in usable_file(provider, self.at.secret_file_problem):
                yield "PG166", finding

    def findings_in_realm(self, provider: ProviderAt) -> Iterator[tuple[str, Finding]]:
        """Run the provider rules that depend on the realm."""
        from partnergate.language.shape.finding import Finding  # noqa: PLC0415 - the name is for types elsewhere

        loopback = provider.realm.network.allow_loopback_http
        for path, url in provider.urls:
            if "${" in url:
                continue  # PG026 has already been reported
            for code, message, hint in address_problems(url, loopback_http=loopback):
                yield code, Finding(path, message, hint)
        for code, rule in REALM_PROVIDER_RULES:
            for finding in rule(provider):
                yield code, finding

    def environments(self) -> Iterator[tuple[RealmSpec, Mapping, tuple[ProviderAt, ...]]]:
        """Return each environment with its tree and providers, and report problems where they matter."""
        building = ProvidersIn(self.file, self.owner, self.recorded, self.known, today=self.at.today)
        seen: set[int] = set()
        for realm in self.at.realms:
            own = Report()
            tree, providers, incomplete = building.providers(realm, own)
            if concerns(self.owner.stage, realm):
                self.report.extend(own.found())
                self._presence(realm, tree, providers, own)
                for provider in providers:
                    if id(provider.provider) not in seen:
                        seen.add(id(provider.provider))
                        for code, finding in self.own_findings(provider):
                            self.add(code, finding, tree)
                    for code, finding in self.findings_in_realm(provider):
                        self.add(code, finding, tree)
                for provider, valid in incomplete:
                    for code, finding in (*self.own_findings(provider), *self.findings_in_realm(provider)):
                        if code not in _ABOUT_ABSENCE and _place(finding, provider) in valid:
                            self.add(code, finding, tree)
            yield realm, tree, providers

    def _presence(
        self, realm: RealmSpec, tree: Mapping, providers: tuple[ProviderAt, ...], own: Report
    ) -> None:
        """PG037 and PG147: users of a deployed partner can sign in."""
        if self.file.values.get("stage") not in (Stage.STAGING, Stage.LIVE):
            return
        if {"sign_in", "providers"}.isdisjoint(self.present | tree.entries.keys()):
            self.report.add(
                "PG037",
                locate(tree, ("stage",)),
                f"no sign-in for environment {realm.environment}, where stage {self.owner.stage} is deployed",
                "add sign_in, or choose another stage",
            )
        elif providers and not own.has_errors and all(p.provider.retired for p in providers):
            self.report.add(
                "PG147",
                locate(tree, ("providers",), key=True),
                "all providers are retired: users cannot sign in",
                "keep one provider active, or use stage: suspended",
            )

    def unused_waivers(self) -> None:
        """PG153."""
        for place, waiver in enumerate(self.waivers):
            code = CODES.get(waiver.code)
            if (
                code
                and code.waivable
                and waiver.code not in self.applied_waivers.used
                and not self.report.has_errors
            ):
                self.report.add(
                    "PG153",
                    locate(self.file.tree, ("waivers", place, "code")),
                    f"unused waiver of {waiver.code}: this file does not have the problem",
                    "delete the waiver",
                )


def examined(
    content: bytes, path: PurePosixPath, at: Context, *, recorded: RecordedFiles, commit: str = ""
) -> Examined:
    """Check everything about one partner file. Pure."""
    report = Report()
    file = read_partner(content, path, report)
    if file is None:
        return Examined(path, report.found(), (), None, None)
    examination = _Examination(file, report, at, recorded)
    source = SourceFile(path=path, sha256=hashlib.sha256(content).hexdigest(), commit=commit)
    base = examination.base(source)
    examination.rules_of_the_file(base)
    examination.known_environments()
    unique_values: list[UniqueValuesIn] = []
    same: dict[tuple[int, int], tuple[Mapping, tuple[UniqueValue, ...]]] = {}
    built = []
    for realm, tree, providers in examination.environments():
        built.append((realm.environment, tuple(p.provider for p in providers)))
        for provider in providers:
            known = (id(provider.provider), id(_written_at(tree, provider.path)))
            if known not in same:
                # Keep the tree together with its values: an id() is unique only while the node is alive.
                same[known] = tree, tuple(unique_values_of(provider, partial(locate, tree)))
            unique_values.append(UniqueValuesIn(realm.environment, same[known][1]))
    if at.complete:
        examination.unused_waivers()
    values = Values(base, tuple(built))
    return Examined(path, report.found(), tuple(unique_values), examination.owner.partner, values)
