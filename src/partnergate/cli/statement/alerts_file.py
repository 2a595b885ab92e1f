"""Reads the alerts file: thresholds and webhook of each partner, with the position of every problem."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from partnergate.diagnostics import has_errors
from partnergate.doctor.fetching import Fetcher
from partnergate.errors import InvalidInputError, SecretError
from partnergate.keycloak.credentials import trusted_issuers
from partnergate.language.report import Report
from partnergate.language.rules.addresses import address_problems
from partnergate.language.shape.suggestion import did_you_mean
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import Mapping, Scalar, Sequence, Tree, span_of
from partnergate.model.partner import SecretRef, SecretSource
from partnergate.model.secret_names import webhook_secret_name
from partnergate.service.loops.alerts import Receiver
from partnergate.statements.alerts import Measure, Threshold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnergate.diagnostics import Span
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.model.workspace import Workspace

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
_MAX_RESPONSE = 64 * 1024
_MEASURES = tuple(measure.value for measure in Measure)


def webhook_fetcher(workspace: Workspace) -> Fetcher:
    """The client of webhooks: public https addresses, or loopback where the environment allows it."""
    return Fetcher(
        policy=workspace.realm.network, ca_bundle=trusted_issuers(os.environ), max_bytes=_MAX_RESPONSE
    )


def read_alerts(
    file: Path, workspace: Workspace, *, secrets: SecretResolver
) -> tuple[tuple[Threshold, ...], dict[str, Receiver]]:
    """The thresholds and receivers; raises ``InvalidInputError`` with every problem of the file."""
    report = Report()
    tree = compose(file.read_text(encoding="utf-8"), PurePosixPath(file), report)
    reader = _Reader(report, workspace, secrets)
    if tree is not None:
        reader.read(tree)
    if has_errors(report.found()):
        raise InvalidInputError(report.found())
    return tuple(reader.thresholds), reader.receivers


class _Reader:
    """Reads one file for the partners of the workspace."""

    def __init__(self, report: Report, workspace: Workspace, secrets: SecretResolver) -> None:
        self._report, self._secrets = report, secrets
        self._partners = {str(partner.partner): partner for partner in workspace.partners}
        self._loopback_http = workspace.realm.network.allow_loopback_http
        self.thresholds: list[Threshold] = []
        self.receivers: dict[str, Receiver] = {}

    def read(self, tree: Tree) -> None:
        if not isinstance(tree, Mapping):
            self._wrong(tree, "a mapping of partners")
            return
        for name, entry in tree.entries.items():
            if name not in self._partners:
                hint = did_you_mean(name, self._partners)
                self._report.add("PG012", span_of(entry.key), f"unknown partner {name}", hint)
                continue
            keys = self._keys(entry.value, ("webhook", "thresholds"))
            if "webhook" in keys:
                self._receiver(name, keys["webhook"])
            if "thresholds" in keys:
                self.thresholds += self._thresholds(name, keys["thresholds"])

    def _receiver(self, partner: str, tree: Tree) -> None:
        keys = self._keys(tree, ("url", "secret"), needed=("url", "secret"))
        if len(keys) < 2:  # noqa: PLR2004 - the address and the secret
            return
        url, secret = self._text(keys["url"]), self._secret(partner, keys["secret"])
        problems = address_problems(url, loopback_http=self._loopback_http)
        for code, message, hint in problems:
            self._report.add(code, span_of(keys["url"]), message, hint)
        if secret and not problems:
            self.receivers[partner] = Receiver(url=url, secret=secret)

    def _secret(self, partner: str, tree: Tree) -> str:
        keys = self._keys(tree, ("env", "file"))
        if len(keys) != 1:
            if isinstance(tree, Mapping):
                self._wrong(tree, "either {env: NAME} or {file: NAME}")
            return ""
        source, where = SecretSource(next(iter(keys))), next(iter(keys.values()))
        name, own = self._text(where), webhook_secret_name(partner, source)
        if name != own:
            message = f"{name} is not the name of the webhook secret of {partner}"
            self._report.add("PG143", span_of(where), message, f"use {own}" if own else "rename the partner")
            return ""
        try:
            return self._secrets(SecretRef(source=source, name=name))
        except SecretError as error:
            self._report.add("PG013", span_of(where), error.what, error.advice)
            return ""

    def _thresholds(self, partner: str, tree: Tree) -> Iterator[Threshold]:
        if not isinstance(tree, Sequence):
            self._wrong(tree, "a list of thresholds")
            return
        for item in tree.items:
            keys = self._keys(item, ("measure", "line", "at"), needed=("measure", "at"))
            if "measure" not in keys or "at" not in keys:
                continue
            measure, at = self._measure(keys["measure"]), self._number(keys["at"])
            line = self._line(partner, measure, keys.get("line"), span_of(keys["measure"]))
            if measure is not None and at is not None and line is not None:
                yield Threshold(partner=partner, measure=measure, at=at, line=line)

    def _measure(self, tree: Tree) -> Measure | None:
        text = self._text(tree)
        if text in _MEASURES:
            return Measure(text)
        message = f'"{text}" is not one of {", ".join(_MEASURES)}'
        self._report.add("PG015", span_of(tree), message, did_you_mean(text, _MEASURES))
        return None

    def _line(self, partner: str, measure: Measure | None, tree: Tree | None, span: Span) -> str | None:
        """The line to measure: a charge of any version of the agreement, only for usage."""
        if measure is not Measure.USAGE:
            if tree is not None and measure is not None:
                self._report.add(
                    "PG012",
                    span_of(tree),
                    f"{measure.value} applies to the whole statement and takes no line",
                )
            return ""
        names = {c.name for a in self._partners[partner].agreements for c in a.charges if c.meter}
        if tree is None:
            self._report.add("PG013", span, '"line" is missing: usage applies to one line')
            return None
        name = self._text(tree)
        if name in names:
            return name
        hint = did_you_mean(name, names) or f"lines: {', '.join(sorted(names))}"
        self._report.add("PG012", span_of(tree), f'{partner} has no metered charge "{name}"', hint)
        return None

    def _number(self, tree: Tree) -> Decimal | None:
        text = self._text(tree)
        if _NUMBER.match(text):
            return Decimal(text)
        self._report.add(
            "PG020", span_of(tree), f'"{text}" is not a number', "use digits and a decimal point"
        )
        return None

    def _keys(self, tree: Tree, known: tuple[str, ...], *, needed: tuple[str, ...] = ()) -> dict[str, Tree]:
        if not isinstance(tree, Mapping):
            self._wrong(tree, f"a mapping with {', '.join(known)}")
            return {}
        for name, entry in tree.entries.items():
            if name not in known:
                span = span_of(entry.key)
                self._report.add("PG012", span, f'unknown key "{name}"', did_you_mean(name, known))
        for name in needed:
            if name not in tree.entries:
                self._report.add("PG013", span_of(tree), f'"{name}" is missing')
        return {name: entry.value for name, entry in tree.entries.items() if name in known}

    def _text(self, tree: Tree) -> str:
        if not isinstance(tree, Scalar):
            self._wrong(tree, "a single value")
            return ""
        return tree.text

    def _wrong(self, tree: Tree, wanted: str) -> None:
        self._report.add("PG014", span_of(tree), f"expected {wanted}")
