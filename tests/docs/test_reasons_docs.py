"""Every reason of a failed test login is documented with the explanation for the partner."""

from __future__ import annotations

from partnergate.signin.failure_reasons import EXPLANATIONS, Reason


def test_every_reason_has_an_explanation() -> None:
    assert list(EXPLANATIONS) == list(Reason)
