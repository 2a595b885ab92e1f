"""What a person or a program sees of a plan. Golden files change only with a reviewed diff."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from builders.realms import desired, partner, plan_of
from golden_files import assert_golden
from partnergate.planning.changes import FieldChange
from partnergate.planning.plan_file import plan_to_json
from partnergate.realm.state import Resource, ResourceKey, ResourceKind
from partnergate.rendering.plain_text import plain
from partnergate.rendering.plan.markdown import LIMIT, marker, plan_as_markdown
from partnergate.rendering.plan.text import plan_as_text
from partnergate.rendering.plan.values import field_in_words, value_in_words

GOLDEN = Path(__file__).parents[2] / "golden" / "plans"


def check_golden(name: str, text: str) -> None:
    assert_golden(GOLDEN / name, text)


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


def many(count, **given):
    return tuple(partner(f"p{index:04}", **given) for index in range(count))


def test_a_comment_of_many_partners_stays_under_the_limit_and_says_what_is_left_out():
    renamed = [replace(one, name=f"{one.name} Works") for one in many(1000)]
    text = plan_as_markdown(plan_of(desired(*many(1000)), *renamed))
    assert LIMIT - 2 * 9_000 < len(text) <= LIMIT
    shown = text.count("<details>") - 1
    missing = 1000 - shown
    assert f"Not shown: {2 * missing} changes in {missing} sections." in text
    assert f"partner p{shown - 1:04}</b>" in text
    assert f"\n\np{shown:04}, p{shown + 1:04}, " in text
    assert text.endswith("p0999\n\n</details>\n")


def test_of_very_many_that_are_left_out_the_first_are_named():
    renamed = [replace(one, name=f"{one.name} Works") for one in many(3000)]
    text = plan_as_markdown(plan_of(desired(*many(3000)), *renamed))
    assert len(text) <= LIMIT
    assert re.search(r" and \d+ more\n\n</details>\n$", text)


def test_what_is_the_same_for_many_partners_is_said_once_with_all_their_names():
    text = plan_as_markdown(plan_of(desired(), *many(1000)))
    assert len(text) < LIMIT
    assert "<b>1000 partners</b>: 7 to create in each, all alike" in text
    assert "+ create mapper partner-id-session of PARTNER" in text
    assert "p0000, p0001, p0002" in text
    assert text.count("<details>") == 1


def test_a_partner_of_whom_something_else_is_said_stands_apart():
    others = many(9)
    text = plan_as_markdown(
        plan_of(desired(), *others, *many(100)[9:], partner("odd", attributes=(("a", "b"),)))
    )
    assert "<b>100 partners</b>" in text
    assert "<b>partner odd</b>" in text


def test_few_partners_are_shown_one_by_one():
    text = plan_as_markdown(plan_of(desired(*many(4)), *many(4, attributes=(("a", "b"),))))
    assert text.count("<b>partner p") == 4
    assert "alike" not in text


def test_another_partners_name_in_a_value_is_not_taken_for_its_own():
    """Of two sections that differ only by a name, the one that names another partner is not alike."""
    before = desired(*many(6))
    stray = {
        f"p{n:04}": Resource(
            key=ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name="x", parent=f"p{n:04}"),
            fields={"config.attribute.value": "p0000" if n == 5 else f"p{n:04}"},
        )
        for n in range(6)
    }
    present = replace(before, resources=(*before.resources, *stray.values()))
    text = plan_as_markdown(plan_of(present, *many(6)))
    assert "<b>5 partners</b>" in text
    assert "<b>partner p0005</b>" in text


def test_a_comment_of_many_dangers_stays_under_the_limit_and_hides_no_warning():
    plan = plan_of(desired(*many(1000)))
    text = plan_as_markdown(plan)
    assert len(text) < LIMIT
    assert re.search(r"\*\*\d+ more dangers\*\* in the plan file", text)
    for warning in plan.warnings:
        assert warning.code in text


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
    target = replace(mixed_plan.target, environment="@everyone [x](http://evil.example) <img>")
    head = plan_as_markdown(replace(mixed_plan, target=target)).splitlines()[1]
    assert "@everyone" not in head
    assert "](http://" not in head
    assert "<img>" not in head
