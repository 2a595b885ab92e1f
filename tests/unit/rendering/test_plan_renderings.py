"""What a person or a program sees of a plan. Golden files change only with a reviewed diff.

``PARTNERGATE_WRITE_GOLDEN=1`` writes them anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from partnergate.planning.changes import FieldChange
from partnergate.planning.plan_file import plan_to_json
from partnergate.rendering.plain_text import plain
from partnergate.rendering.plan_markdown import LIMIT, marker, plan_as_markdown
from partnergate.rendering.plan_text import plan_as_text
from partnergate.rendering.plan_values import field_in_words, value_in_words
from partnergate.testkit.realm_specs import desired, partner, plan_of

GOLDEN = Path(__file__).parents[2] / "golden" / "plans"


def check_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def as_plain_text(plan):
    return plan_as_text(plan, color=False)


@pytest.mark.parametrize(
    ("suffix", "render"), [("txt", as_plain_text), ("md", plan_as_markdown), ("json", plan_to_json)]
)
def test_a_plan_looks_as_it_was_reviewed(mixed_plan, empty_plan, suffix, render):
    check_golden(f"mixed.{suffix}", render(mixed_plan))
    check_golden(f"empty.{suffix}", render(empty_plan))


def test_without_colour_there_is_no_escape(mixed_plan):
    assert "\x1b" not in plan_as_text(mixed_plan, color=False)


def test_colour_changes_nothing_but_colour(mixed_plan):
    colored = plan_as_text(mixed_plan, color=True)
    assert "\x1b" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plan_as_text(mixed_plan, color=False)


def test_every_action_is_a_word_as_well_as_a_colour(mixed_plan):
    text = plan_as_text(mixed_plan, color=False)
    for words in ("+ create", "~ update", "-/+ replace", "- delete", "! adopt"):
        assert words in text


def test_a_long_value_is_never_broken_by_the_width_of_a_window(mixed_plan, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert plan_as_text(mixed_plan, color=False) == (GOLDEN / "mixed.txt").read_text(encoding="utf-8")


def test_the_first_line_of_the_comment_finds_it_again(mixed_plan):
    assert plan_as_markdown(mixed_plan).splitlines()[0] == marker("test") == "<!-- partnergate:plan:test -->"


def test_an_environment_cannot_break_out_of_the_marker():
    assert marker("a --> <b>") == "<!-- partnergate:plan:a-b- -->"


def test_a_comment_of_many_partners_stays_under_the_limit_and_says_what_is_left_out():
    partners = tuple(partner(f"p{index:03}") for index in range(300))
    plan = plan_of(desired(), *partners)
    text = plan_as_markdown(plan)
    assert len(text) < LIMIT
    shown = text.count("<details>")
    missing = len(partners) - shown
    assert shown > 0
    assert f"in {missing} sections, from partner p{shown:03} on" in text


def test_a_comment_of_many_dangers_stays_under_the_limit():
    plan = plan_of(desired(*(partner(f"p{index:03}") for index in range(600))))
    text = plan_as_markdown(plan)
    assert len(text) < LIMIT
    assert "more notes" in text
    assert "600 to delete" in text or "1200 to delete" in text


def test_a_value_cannot_close_the_fence_of_the_comment():
    hostile = partner("acme", attributes=(("a", "```\n</details>"),))
    text = plan_as_markdown(plan_of(desired(), hostile))
    fences = re.findall(r"^`{3,}", text, flags=re.MULTILINE)
    assert max(len(fence) for fence in fences) == 4
    assert "\n</details>\n" in text


def test_a_value_cannot_move_the_cursor_or_turn_the_text():
    assert plain("a\x1b[2Kb\u202ec\nd") == "a\\x1b[2Kb\\u202ec\\nd"


def test_a_very_long_value_is_cut_and_says_so():
    assert value_in_words("x" * 5000).endswith("... (5002 characters)")


def test_a_list_shows_what_goes_and_what_comes():
    field = FieldChange(name="redirectUris", before=("a", "b"), after=("b", "c"))
    assert field_in_words(field) == 'redirectUris: - "a", + "c"'


def test_a_list_in_another_order_shows_both():
    field = FieldChange(name="x", before=("a", "b"), after=("b", "a"))
    assert field_in_words(field) == 'x: ["a", "b"] -> ["b", "a"]'


def test_a_secret_is_shown_as_changed_and_no_more():
    field = FieldChange(name="clientSecret", before=None, after=None, secret=True)
    assert field_in_words(field) == "clientSecret: changed (a secret; its value is never shown)"


def test_a_partner_name_is_no_markup_and_calls_nobody(mixed_plan):
    from dataclasses import replace

    target = replace(mixed_plan.target, environment="@everyone [x](http://evil.example) <img>")
    head = plan_as_markdown(replace(mixed_plan, target=target)).splitlines()[1]
    assert "@everyone" not in head
    assert "](http://" not in head
    assert "<img>" not in head
