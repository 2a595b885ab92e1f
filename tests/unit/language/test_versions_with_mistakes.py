"""A malformed value in one agreement version does not hide other problems of the version."""

from __future__ import annotations

import pytest

from builders.code_examples import TODAY, WORKSPACE
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated

_VERSION = """\
  - effective: {effective}
    currency: {currency}
    time_zone: {zone}
    charges:
{charges}
"""
_GOOD = '      - {name: Platform, price: {model: flat, amount: "499.00"}}'
_UNKNOWN_KEY = '      - {name: Platform, prize: 3, price: {model: flat, amount: "499.00"}}'
_FINE_AMOUNT = '      - {name: Set-up, price: {model: flat, amount: "1.234"}}'


def version(effective="2026-10-01", currency="USD", zone="America/New_York", charges=_GOOD, more="") -> str:
    text = _VERSION.format(effective=effective, currency=currency, zone=zone, charges=charges)
    return text + (f"    {more}\n" if more else "")


def found(*versions: str) -> list[tuple[str, int]]:
    """Codes with their lines, counted from ``agreement:``."""
    base = read_folder(WORKSPACE)
    text = base.partners["acme.yaml"].decode()
    start = text.index("agreement:\n")
    content = text[:start] + "agreement:\n" + "".join(versions)
    first = text[:start].count("\n")
    diagnostics = validated(
        Folder(partners={"acme.yaml": content.encode()}, templates=base.templates), today=TODAY, variables={}
    )
    return [(d.code, d.span.line - first) for d in diagnostics]


def test_a_valid_version_has_no_diagnostics():
    assert found(version()) == []


def test_an_unknown_key_does_not_hide_an_unknown_time_zone():
    assert found(version(zone="Mars/Olympus", more="minimun: 3")) == [("PG302", 4), ("PG012", 7)]


def test_a_mistake_in_one_charge_does_not_hide_mistakes_in_the_next():
    assert found(version(charges=f"{_UNKNOWN_KEY}\n{_FINE_AMOUNT}")) == [("PG012", 6), ("PG304", 7)]


def test_rules_skip_values_that_cannot_be_parsed():
    assert found(version(currency="dollars")) == [("PG301", 3)]
    assert found(version(currency="[USD]", charges=_FINE_AMOUNT)) == [("PG014", 3)]


def test_a_share_of_a_malformed_charge_is_not_reported_as_unknown():
    charges = '      - {name: 3, price: {model: flat, amount: "499.00"}}'
    share = 'revenue_share: {partner_percent: "20", of: Tasks}'
    assert found(version(charges=charges, more=share)) == [("PG017", 6)]
    assert found(version(more=share)) == [("PG312", 7)]


def test_versions_are_compared_if_all_dates_are_valid():
    spoiled = version(more="minimun: 3")
    assert found(version(), spoiled) == [("PG313", 7), ("PG012", 12)]


@pytest.mark.parametrize("effective", ['"2027-01-01"', "[2027-01-01]", "soon"])
def test_versions_are_not_compared_if_one_has_no_date(effective):
    """The version without a date may fill the gap."""
    codes = [
        code
        for code, _ in found(
            version(more="until: 2027-01-01"), version(effective=effective), version(effective="2028-01-01")
        )
    ]
    assert codes
    assert "PG315" not in codes


def test_a_malformed_currency_is_not_reported_as_a_change():
    codes = [code for code, _ in found(version(currency="3"), version(effective="2027-01-01"))]
    assert codes == ["PG017"]
