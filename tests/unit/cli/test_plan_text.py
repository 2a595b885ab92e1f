"""The form of a plan on standard output: short in a terminal, full elsewhere, unless an option chooses."""

from __future__ import annotations

import io
import sys

import pytest

from builders.partners import partner
from builders.realms import desired, plan_of
from partnergate.cli.realm.plan import plan_text

PLAN = plan_of(desired(), partner("acme"))
SHORT_HINT = "To show every field with its values, pass --full."


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "full", "is_short"),
    [
        (True, None, True),
        (True, True, False),
        (True, False, True),
        (False, None, False),
        (False, False, True),
        (False, True, False),
    ],
)
def test_the_form_follows_the_option_and_then_the_terminal(monkeypatch, terminal, full, is_short):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    text = plan_text(PLAN, full=full)
    assert (SHORT_HINT in text) is is_short
    assert ("host-app" in text) is not is_short


def test_color_is_for_terminals_without_no_color(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert "\x1b" in plan_text(PLAN, full=None)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in plan_text(PLAN, full=None)
