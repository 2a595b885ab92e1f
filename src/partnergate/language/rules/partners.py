"""Checks the partner as a whole: contacts, waivers, and requirements of the stage."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.language.codes.catalog import CODES
from partnergate.language.shape.finding import Finding
from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.rules.rule_inputs import PartnerAt

_LONGEST_WAIVER = timedelta(days=366)
_SHORTEST_REASON = 15
NO_APPROVER = "no approver yet: name who approves it"
"""What an import writes into the waivers of a draft."""


def reachable(at: PartnerAt) -> Iterator[Finding]:
    """PG145: the host needs an address at the partner when a certificate expires."""
    partner = at.partner
    if partner.stage in (Stage.STAGING, Stage.LIVE) and {"stage"} == at.present & {"stage", "contacts"}:
        yield Finding(
            ("stage",),
            "no technical contact to notify when sign-in fails",
            "add contacts: {technical: [ADDRESS]}",
        )


def live_needs_terms(at: PartnerAt) -> Iterator[Finding]:
    """PG146: usage without terms cannot be charged."""
    if at.partner.stage is Stage.LIVE and {"stage"} == at.present & {"stage", "agreement"}:
        yield Finding(
            ("stage",),
            "a live partner has no agreement: usage is counted but not charged",
            "add agreement",
        )


def statements_have_a_recipient(at: PartnerAt) -> Iterator[Finding]:
    """PG317: statements need a recipient."""
    contacts = at.partner.contacts
    if at.partner.agreements and contacts.technical and not contacts.billing:
        yield Finding(
            ("contacts",), "no billing contact to send statements to", "add billing: [ADDRESS]", on_key=True
        )


def known_code(at: PartnerAt) -> Iterator[Finding]:
    """PG150: a waiver refers to an existing code."""
    for place, waiver in enumerate(at.partner.waivers):
        if waiver.code not in CODES:
            yield Finding(
                ("waivers", place, "code"),
                f"code {waiver.code} does not exist",
                "run partnergate explain for a list of codes",
            )


def waivable_code(at: PartnerAt) -> Iterator[Finding]:
    """PG151: some rules have no exceptions."""
    for place, waiver in enumerate(at.partner.waivers):
        code = CODES.get(waiver.code)
        if code is not None and not code.waivable:
            allowed = ", ".join(c.code for c in CODES.values() if c.waivable)
            yield Finding(
                ("waivers", place, "code"), f"{waiver.code} cannot be waived", f"waivable codes: {allowed}"
            )


def still_counting(at: PartnerAt) -> Iterator[Finding]:
    """PG152: waivers expire."""
    for place, waiver in enumerate(at.partner.waivers):
        if at.today is not None and waiver.until < at.today:
            yield Finding(
                ("waivers", place, "until"),
                f"the waiver of {waiver.code} expired on {waiver.until}",
                "fix the problem, or have the waiver approved again",
            )


def at_most_a_year(at: PartnerAt) -> Iterator[Finding]:
    """PG154: exceptions are reviewed at least once a year."""
    for place, waiver in enumerate(at.partner.waivers):
        if at.today is not None and waiver.until > at.today + _LONGEST_WAIVER:
            yield Finding(
                ("waivers", place, "until"),
                f"a waiver lasts at most one year; {waiver.until} is later",
                f"choose a date no later than {at.today + _LONGEST_WAIVER}",
            )


def named_approver(at: PartnerAt) -> Iterator[Finding]:
    """PG170: a draft may wait for the approval of its waivers, a deployed partner may not."""
    if at.partner.stage is Stage.DRAFT:
        return
    for place, waiver in enumerate(at.partner.waivers):
        if waiver.approved_by.strip() == NO_APPROVER:
            yield Finding(
                ("waivers", place, "approved_by"),
                f"the waiver of {waiver.code} has no approver",
                "name who approves it",
            )


def ending_test_users(at: PartnerAt) -> Iterator[Finding]:
    """PG167: an exception from billing is reviewed at least once a year."""
    for place, users in enumerate(at.partner.test_users):
        if users.until is None:
            continue
        if users.until < users.since:
            yield Finding(
                ("test_users", place, "until"),
                f"the last day {users.until} is before the first day {users.since}",
                "correct one of the dates",
            )
        elif at.today is not None and users.until > at.today + _LONGEST_WAIVER:
            yield Finding(
                ("test_users", place, "until"),
                f"test users end at most one year from now; {users.until} is later",
                f"choose a date no later than {at.today + _LONGEST_WAIVER}",
            )


def real_reason(at: PartnerAt) -> Iterator[Finding]:
    """PG155: reviewers of a plan must understand the exception."""
    for place, waiver in enumerate(at.partner.waivers):
        if len(waiver.reason.strip()) < _SHORTEST_REASON:
            yield Finding(
                ("waivers", place, "reason"),
                "the reason is too short",
                "describe why the rule cannot be followed and what you do about it",
            )
