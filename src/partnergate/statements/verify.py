"""Checks a statement file with nothing but the file and published keys.

All checks run, and each describes what it compared. A file is valid if no check failed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import TYPE_CHECKING

from partnergate.errors import RatingError, StatementError
from partnergate.model.decimals import CONTEXT, exactly
from partnergate.pricing.money import minor_unit, rounded
from partnergate.statements.document import FIRST, content_of, read_statement_file
from partnergate.statements.jws import is_signed
from partnergate.statements.key_set import KeySet, PublishedKey, key_set_of
from partnergate.statements.rating import rated_again
from partnergate.statements.seal import is_sealed_by
from partnergate.statements.statement import DocumentKind, Statement, StatementLine
from partnergate.statements.typed_json import sha256_hex
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partnergate.pricing.rated import RatedLine
    from partnergate.statements.seal import Seal

_LONGEST_PERIOD = timedelta(days=1100)
"""Rating a period takes time by its days, and the document states the period."""
_LONGEST_DETAIL = 2_000
"""Characters; a hostile document has texts of any length."""
_TOLERANCE = Decimal(1).scaleb(-18)
"""Exact amounts carry 24 decimals; a step's product may differ in the last of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The result of one check."""

    name: str
    """``format``, ``canonical``, ``hash``, ``signature``, ``jws``, ``key``, ``chain``, ``lines``, ``total``,
    ``share``, ``rates``."""
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All checks of one file."""

    number: str
    total: str
    key_id: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether the issuer sealed this content and its amounts add up."""
        return all(c.ok for c in self.checks)


def verify_file(content: bytes, keys: bytes | KeySet) -> Verification:
    """Run every check on one file. ``keys`` is a published PEM file, or a published key set."""
    published = keys if isinstance(keys, KeySet) else key_set_of(keys)
    try:
        statement, seal, canonical = read_statement_file(content)
    except StatementError as error:
        return Verification(
            number="",
            total="",
            key_id="",
            checks=(_bounded(Check(name="format", ok=False, detail=error.what)),),
        )
    checks = [
        Check(name="format", ok=True, detail=statement.format),
        Check(
            name="canonical",
            ok=content_of(statement) == canonical,
            detail="every value is written in its one canonical form",
        ),
        *_seal_checks(statement, canonical, seal, published),
        _chain_check(statement),
        *sum_checks(statement),
        rate_check(statement),
    ]
    return Verification(
        number=statement.number,
        total=f"{statement.total} {statement.currency}",
        key_id="" if seal is None else seal.key_id,
        checks=tuple(map(_bounded, checks)),
    )


def _bounded(check: Check) -> Check:
    if len(check.detail) <= _LONGEST_DETAIL:
        return check
    return replace(check, detail=f"{check.detail[:_LONGEST_DETAIL]}…")


def verify_chain(contents: Sequence[tuple[Statement, bytes]]) -> tuple[Check, ...]:
    """Check that documents of one partner, in any order, form a chain without a gap."""
    documents = sorted(
        ((s, c) for s, c in contents if s.final is not None),
        key=lambda d: d[0].final.sequence,  # type: ignore[union-attr]
    )
    checks = []
    for (before, content), (after, _) in pairwise(documents):
        assert before.final is not None  # noqa: S101 - only finalized documents remain
        assert after.final is not None  # noqa: S101
        follows = (
            after.final.sequence == before.final.sequence + 1
            and after.final.previous == sha256_hex(content)
            and after.partner == before.partner
            and after.environment == before.environment
        )
        detail = f"{after.number} ({after.final.sequence}) follows {before.number} ({before.final.sequence})"
        checks.append(Check(name="chain", ok=follows, detail=detail))
    return tuple(checks)


@exactly
def sum_checks(statement: Statement) -> tuple[Check, ...]:
    """Check that the lines, the total, and the share add up."""
    with localcontext(CONTEXT):
        problems = [p for line in statement.lines for p in _line_problems(statement, line)]
        tax = sum((x.amount for x in statement.lines if x.rated.is_tax), Decimal(0))
        total = sum((x.amount for x in statement.lines), Decimal(0))
        sums = statement.total == total and statement.tax == tax and statement.subtotal == total - tax
        share = sum((s.partner for s in statement.shares), Decimal(0)) + sum(
            (c.amount for c in statement.share_corrections), Decimal(0)
        )
        parts = all(
            s.partner + s.host == s.base and sum((x.partner for x in s.lines), Decimal(0)) == s.partner
            for s in statement.shares
        )
        shared = parts and share == statement.share_total
    return (
        Check(
            name="lines",
            ok=not problems,
            detail="; ".join(problems)
            if problems
            else f"{counted(len(statement.lines), 'line')} computed again from the steps",
        ),
        Check(
            name="total",
            ok=sums,
            detail=f"the rounded lines sum to {total} {statement.currency}, tax {tax}"
            + ("" if sums else f"; the document states {statement.total}, tax {statement.tax}"),
        ),
        Check(
            name="share",
            ok=shared,
            detail=f"the partner's share sums to {share} {statement.currency}"
            + ("" if shared else f"; the document states {statement.share_total}, or its parts differ"),
        ),
    )


@exactly
def rate_check(statement: Statement) -> Check:
    """Rate the quantities in the document by its terms and compare lines, shares, and explanation."""
    if statement.kind is DocumentKind.CREDIT_NOTE:
        return Check(
            name="rates", ok=True, detail="a credit note has no rated lines; it reverses a statement"
        )
    if statement.period.end - statement.period.start > _LONGEST_PERIOD:
        return Check(name="rates", ok=False, detail="the period is longer than any billing cycle")
    try:
        again = rated_again(statement, statement.measured)
    except (RatingError, StatementError, LookupError, ValueError, ArithmeticError) as error:
        return Check(name="rates", ok=False, detail=f"the document cannot be rated again: {error}")
    own = [x for x in statement.lines if x.corrects is None]
    differing = [
        f"line {x.number or n}, {x.name}: {_difference(x.rated, y)}"
        for n, (x, y) in enumerate(zip(own, again.lines, strict=False), start=1)
        if x.rated != y
    ]
    if len(own) != len(again.lines):
        differing.append(f"{counted(len(own), 'line')}, where the terms give {len(again.lines)}")
    if statement.shares != again.shares:
        differing.append("the revenue share is not what the terms give")
    if statement.explanation != again.explanation:
        differing.append("the explanation is not that of the amounts")
    return Check(
        name="rates",
        ok=not differing,
        detail="; ".join(differing)
        or f"{counted(len(again.lines), 'line')} computed again from the terms and the quantities",
    )


def _difference(stated: RatedLine, rated: RatedLine) -> str:
    for field in fields(stated):
        if getattr(stated, field.name) != getattr(rated, field.name):
            values = getattr(stated, field.name), getattr(rated, field.name)
            plain = all(isinstance(v, Decimal | str) for v in values)
            return (
                f"{field.name} is {values[0]}, and rates to {values[1]}" if plain else f"another {field.name}"
            )
    return "another line"


def _seal_checks(statement: Statement, canonical: bytes, seal: Seal | None, keys: KeySet) -> Iterator[Check]:
    if seal is None:
        yield Check(name="signature", ok=False, detail="the file has no seal: it is a draft")
        return
    found = sha256_hex(canonical)
    same = seal.sha256 == found
    yield Check(
        name="hash",
        ok=same,
        detail=f"SHA-256 {found}" if same else f"SHA-256 is {found}, and the seal states {seal.sha256}",
    )
    published = keys.key(seal.key_id)
    if published is None:
        many = len(keys.keys) > 1
        given = f"the published keys are {keys.key_ids}" if many else f"the given key is {keys.key_ids}"
        yield Check(name="signature", ok=False, detail=f"sealed by key {seal.key_id}, and {given}")
        return
    good = is_sealed_by(canonical, seal, published.key)
    by = f"{seal.algorithm} by key {seal.key_id}"
    yield Check(
        name="signature", ok=good, detail=by if good else f"{by} is not over this content: it was changed"
    )
    if seal.jws:
        signed = is_signed(seal.jws, canonical, published.key, seal.key_id)
        yield Check(
            name="jws",
            ok=signed,
            detail="the detached JWS is by the same key"
            if signed
            else f"the detached JWS is not by key {seal.key_id} over this content",
        )
    yield _key_check(statement, published)


def _key_check(statement: Statement, published: PublishedKey) -> Check:
    """Check that the key was valid at the time in the sealed content; a revoked key never is."""
    if statement.final is None:
        return Check(name="key", ok=False, detail="the statement does not contain the time of its seal")
    problem = published.problem(statement.final.at)
    return Check(name="key", ok=not problem, detail=problem or f"key {published.key_id} was valid")


def _chain_check(statement: Statement) -> Check:
    final = statement.final
    if final is None:
        return Check(
            name="chain", ok=False, detail="the statement is not finalized and has no place in the chain"
        )
    wellformed = (
        final.sequence >= 1
        and (final.previous == FIRST) == (final.sequence == 1)
        and len(final.previous) == len(FIRST)
        and not set(final.previous) - set("0123456789abcdef")
    )
    return Check(name="chain", ok=wellformed, detail=f"number {final.sequence}, after {final.previous[:16]}")


def _line_problems(statement: Statement, line: StatementLine) -> Iterator[str]:
    where = f"line {line.number}"
    try:
        unit = minor_unit(statement.currency)
    except RatingError as error:
        yield f"{where}: {error.what}"
        return
    if line.amount != line.amount.quantize(unit, context=CONTEXT):
        yield f"{where}: {line.amount} is not in whole minor units"
    if line.corrects is not None:
        amended = line.corrects
        if line.amount != amended.rerated - amended.original - amended.earlier:
            yield f"{where}: re-rated minus billed is not {line.amount}"
        return
    if statement.kind is DocumentKind.CREDIT_NOTE:
        return
    if not statement.terms:
        yield f"{where}: the document has no terms"
        return
    if line.amount != rounded(line.rated.exact, statement.currency, statement.terms[-1].rules.rounding):
        yield f"{where}: {line.rated.exact} does not round to {line.amount}"
    yield from _step_problems(line.rated, where)


def _step_problems(line: RatedLine, where: str) -> Iterator[str]:
    steps = [step for component in line.components for step in component.tiers]
    if not steps:
        return
    if _apart(sum((s.amount for s in steps), Decimal(0)), line.gross):
        yield f"{where}: the steps do not sum to {line.gross}"
    net = line.gross - (line.discount.taken if line.discount else Decimal(0))
    if line.minimum is not None and net < line.minimum:
        net = line.minimum
    if line.maximum is not None and net > line.maximum:
        net = line.maximum
    if _apart(net, line.exact):
        yield f"{where}: {net} after discount and bounds is not {line.exact}"


def _apart(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > _TOLERANCE
