"""The partner as a whole: who to write to, waivers, what a stage asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.language.codes.catalog import CODES
from partnergate.language.shape.finding import Finding
from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.rules.finding import PartnerAt

_LONGEST_WAIVER = timedelta(days=366)
_SHORTEST_REASON = 15


def reachable(at: PartnerAt) -> Iterator[Finding]:
    """PG145: somebody must hear that a certificate ends."""
    partner = at.partner
    if partner.stage in (Stage.STAGING, Stage.LIVE) and {"stage"} == at.present & {"stage", "contacts"}:
        yield Finding(
            ("stage",),
            "nobody to write to when sign-in breaks",
            "add contacts: {technical: [ADDRESS]}",
        )


def live_needs_terms(at: PartnerAt) -> Iterator[Finding]:
    """PG146: usage without terms cannot be charged."""
    if at.partner.stage is Stage.LIVE and {"stage"} == at.present & {"stage", "agreement"}:
        yield Finding(
            ("stage",),
            "a live partner without an agreement: usage is counted, nothing is charged",
            "add agreement",
        )


def statements_reach_somebody(at: PartnerAt) -> Iterator[Finding]:
    """PG317: a statement needs a reader."""
    contacts = at.partner.contacts
    if at.partner.agreements and contacts.technical and not contacts.billing:
        yield Finding(("contacts",), "nobody to send statements to", "add billing: [ADDRESS]", on_key=True)


def known_code(at: PartnerAt) -> Iterator[Finding]:
    """PG150: a waiver names a rule."""
    for place, waiver in enumerate(at.partner.waivers):
        if waiver.code not in CODES:
            yield Finding(
                ("waivers", place, "code"),
                f"there is no {waiver.code}",
                "partnergate explain lists the codes",
            )


def waivable_code(at: PartnerAt) -> Iterator[Finding]:
    """PG151: some rules have no exception."""
    for place, waiver in enumerate(at.partner.waivers):
        code = CODES.get(waiver.code)
        if code is not None and not code.waivable:
            allowed = ", ".join(c.code for c in CODES.values() if c.waivable)
            yield Finding(
                ("waivers", place, "code"), f"{waiver.code} cannot be waived", f"only these can: {allowed}"
            )


def still_counting(at: PartnerAt) -> Iterator[Finding]:
    """PG152: a waiver ends by itself."""
    for place, waiver in enumerate(at.partner.waivers):
        if at.today is not None and waiver.until < at.today:
            yield Finding(
                ("waivers", place, "until"),
                f"the waiver of {waiver.code} ended on {waiver.until}",
                "mend what it excused, or have it approved again",
            )


def not_for_ever(at: PartnerAt) -> Iterator[Finding]:
    """PG154: an exception is looked at once a year."""
    for place, waiver in enumerate(at.partner.waivers):
        if at.today is not None and waiver.until > at.today + _LONGEST_WAIVER:
            yield Finding(
                ("waivers", place, "until"),
                f"a waiver lasts a year at most; {waiver.until} is later",
                f"at most {at.today + _LONGEST_WAIVER}",
            )


def real_reason(at: PartnerAt) -> Iterator[Finding]:
    """PG155: whoever reads the plan must understand the exception."""
    for place, waiver in enumerate(at.partner.waivers):
        if len(waiver.reason.strip()) < _SHORTEST_REASON:
            yield Finding(
                ("waivers", place, "reason"),
                "a reason of a few words is none",
                "say why the rule cannot be kept, and what is done about it",
            )
