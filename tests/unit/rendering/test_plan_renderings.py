"""Every rendering of a plan, compared with golden files, which change only with a reviewed diff."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from builders.partners import partner
from builders.realms import desired, plan_of
from golden_files import assert_golden
from partnergate.planning.changes import FieldChange, Update
from partnergate.planning.plan_file import plan_to_json
from partnergate.realm.state import Resource, ResourceKey, ResourceKind
from partnergate.rendering.plan.markdown import LIMIT, marker, plan_as_markdown
from partnergate.rendering.plan.outline import SYMBOLS
from partnergate.rendering.plan.short import plan_as_short_text
from partnergate.rendering.plan.text import plan_as_text
from partnergate.rendering.plan.values import field_text, fingerprints, value_text
from partnergate.safe_text import plain

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


def test_the_short_form_fits_80_columns_and_looks_as_it_was_reviewed(mixed_plan, empty_plan):
    check_golden("mixed.short.txt", plan_as_short_text(mixed_plan, color=False))
    check_golden("empty.short.txt", plan_as_short_text(empty_plan, color=False))
    lines = plan_as_short_text(mixed_plan, color=False).splitlines()
    assert [line for line in lines[1:] if len(line) > 80 and " " in line.strip()[:80]] == []


def test_the_short_form_has_one_line_per_change(mixed_plan):
    lines = plan_as_short_text(mixed_plan, color=False).splitlines()
    actions = [line.split()[1] for line in lines if line.split()[0] in set(SYMBOLS.values())]
    assert len(actions) == len(mixed_plan.changes)


def test_the_short_form_shows_no_value(mixed_plan):
    """Only --full shows values; the client ID is an example."""
    assert "host-app" in plan_as_text(mixed_plan, color=False)
    assert "host-app" not in plan_as_short_text(mixed_plan, color=False)


def test_color_changes_only_color_in_the_short_form(mixed_plan):
    colored = plan_as_short_text(mixed_plan, color=True)
    assert "\x1b" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plan_as_short_text(mixed_plan, color=False)


OLD, NEW = ("MIIB" + base64.b64encode(bytes([n]) * 240).decode() for n in (1, 2))
OLD_PRINT, NEW_PRINT = (hashlib.sha256(base64.b64decode(text)).hexdigest() for text in (OLD, NEW))


def test_a_certificate_is_shown_as_its_fingerprint():
    field = FieldChange(name="config.signingCertificate", before=OLD, after=f"{OLD},{NEW}")
    shown = field_text(field)
    assert shown == (
        f"config.signingCertificate: certificate SHA-256 {OLD_PRINT} -> "
        f"certificate SHA-256 {OLD_PRINT}, certificate SHA-256 {NEW_PRINT}"
    )


@pytest.mark.parametrize("value", ["MII" + "A" * 10, "x" * 300, "MII" + "!" * 300, f"{OLD},x", 7, None, True])
def test_any_other_value_has_no_fingerprint(value):
    assert fingerprints(value) == ()


def test_a_changed_certificate_is_readable_in_the_short_form_and_in_the_comment(mixed_plan):
    update = next(c for c in mixed_plan.changes if isinstance(c, Update))
    field = FieldChange(name="config.signingCertificate", before=OLD, after=NEW)
    plan = replace(mixed_plan, changes=(replace(update, fields=(field,)),))
    short = plan_as_short_text(plan, color=False, width=120)
    assert f"(SHA-256 {OLD_PRINT[:16]} -> {NEW_PRINT[:16]})" in short
    assert NEW_PRINT in plan_as_markdown(plan)
    assert NEW not in short + plan_as_markdown(plan) + plan_as_text(plan, color=False)


def test_text_without_color_has_no_escape_sequence(mixed_plan):
    assert "\x1b" not in plan_as_text(mixed_plan, color=False)


def test_color_changes_only_color(mixed_plan):
    colored = plan_as_text(mixed_plan, color=True)
    assert "\x1b" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plan_as_text(mixed_plan, color=False)


def test_every_action_is_a_word_and_a_color(mixed_plan):
    text = plan_as_text(mixed_plan, color=False)
    for words in ("+ create", "~ update", "-/+ replace", "- delete", "! adopt"):
        assert words in text


def test_a_long_value_is_not_wrapped_at_the_width_of_a_window(mixed_plan, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert plan_as_text(mixed_plan, color=False) == (GOLDEN / "mixed.txt").read_text(encoding="utf-8")


def test_the_first_line_of_the_comment_finds_it_again(mixed_plan):
    assert plan_as_markdown(mixed_plan).splitlines()[0] == marker("test") == "<!-- partnergate:plan:test -->"


def test_an_environment_cannot_break_out_of_the_marker():
    assert marker("a --> <b>") == "<!-- partnergate:plan:a-b- -->"


def many(count, **given):
    return tuple(partner(f"p{index:04}", **given) for index in range(count))


def test_a_comment_about_many_partners_stays_within_the_limit_and_lists_what_is_left_out():
    renamed = [replace(one, name=f"{one.name} Works") for one in many(1000)]
    text = plan_as_markdown(plan_of(desired(*many(1000)), *renamed))
    assert LIMIT - 2 * 9_000 < len(text) <= LIMIT
    shown = text.count("<details>") - 1
    missing = 1000 - shown
    assert f"Not shown: {2 * missing:,} changes in {missing} sections." in text
    assert f"partner p{shown - 1:04}</b>" in text
    assert f"\n\np{shown:04}, p{shown + 1:04}, " in text
    assert text.endswith("p0999\n\n</details>\n")


def test_if_very_many_are_left_out_the_first_are_named():
    renamed = [replace(one, name=f"{one.name} Works") for one in many(3000)]
    text = plan_as_markdown(plan_of(desired(*many(3000)), *renamed))
    assert len(text) <= LIMIT
    assert re.search(r" and \d+ more\n\n</details>\n$", text)


def test_identical_changes_of_many_partners_are_one_block_with_all_names():
    text = plan_as_markdown(plan_of(desired(), *many(1000)))
    assert len(text) < LIMIT
    assert "<b>1000 partners</b>: 7 to create in each, all identical" in text
    assert "+ create mapper partner-id-session of PARTNER" in text
    assert "p0000, p0001, p0002" in text
    assert text.count("<details>") == 1


def test_a_partner_with_other_changes_has_its_own_block():
    others = many(9)
    text = plan_as_markdown(
        plan_of(desired(), *others, *many(100)[9:], partner("odd", attributes=(("a", "b"),)))
    )
    assert "<b>100 partners</b>" in text
    assert "<b>partner odd</b>" in text


def test_few_partners_have_a_block_each():
    text = plan_as_markdown(plan_of(desired(*many(4)), *many(4, attributes=(("a", "b"),))))
    assert text.count("<b>partner p") == 4
    assert "identical" not in text


def test_the_name_of_another_partner_in_a_value_is_a_difference():
    """A section that names another partner in a value is not identical to the others."""
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


def test_a_comment_with_many_destructive_changes_stays_within_the_limit_and_hides_no_warning():
    plan = plan_of(desired(*many(1000)))
    text = plan_as_markdown(plan)
    assert len(text) < LIMIT
    assert re.search(r"\*\*\d+ more destructive changes\*\* in the plan file", text)
    for warning in plan.warnings:
        assert warning.code in text


def test_a_value_cannot_close_the_fence_of_the_comment():
    hostile = partner("acme", attributes=(("a", "```\n</details>"),))
    text = plan_as_markdown(plan_of(desired(), hostile))
    fences = re.findall(r"^`{3,}", text, flags=re.MULTILINE)
    assert max(len(fence) for fence in fences) == 4
    assert "\n</details>\n" in text


def test_a_value_cannot_move_the_cursor_or_change_the_text_direction():
    assert plain("a\x1b[2Kb\u202ec\nd") == "a\\x1b[2Kb\\u202ec\\nd"


def test_a_very_long_value_is_truncated_with_its_length():
    assert value_text("x" * 5000).endswith("... (5002 characters)")


def test_a_list_shows_removed_and_added_values():
    field = FieldChange(name="redirectUris", before=("a", "b"), after=("b", "c"))
    assert field_text(field) == 'redirectUris: - "a", + "c"'


def test_a_reordered_list_shows_both_orders():
    field = FieldChange(name="x", before=("a", "b"), after=("b", "a"))
    assert field_text(field) == 'x: ["a", "b"] -> ["b", "a"]'


def test_a_secret_is_shown_only_as_changed():
    field = FieldChange(name="clientSecret", before=None, after=None, secret=True)
    assert field_text(field) == "clientSecret: changed (a secret; its value is never shown)"


def test_a_partner_name_is_not_markup_and_mentions_no_one(mixed_plan):
    target = replace(mixed_plan.target, environment="@everyone [x](http://evil.example) <img>")
    head = plan_as_markdown(replace(mixed_plan, target=target)).splitlines()[1]
    assert "@everyone" not in head
    assert "](http://" not in head
    assert "<img>" not in head
