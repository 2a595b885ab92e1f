"""``partnergate drift``: what was changed outside, by whom and when, and what accepts or undoes it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option, root_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnergate.applying.admin_acts import AdminAct
    from partnergate.applying.drift import Drift, Drifted, MadeByHand

_SHOWN_ACTS = 3


@click.command(name="drift")
@click.option("--environment", "-e", required=True, help="The environment to look at.")
@root_option
@format_option("text", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when something differs.")
def command(environment: str, root: Path, kind: str, *, detailed_exitcode: bool) -> int:
    """Show what differs from the files, and who changed it outside of apply.

    Who and when come from the realm's admin events, as far back as they go; reading them needs the
    role view-events. Each entry says what would accept the change in the files, and what would undo
    it in the realm. It changes nothing.
    """
    from partnergate.cli.realm.early_reading import begin_reading

    early = begin_reading(root, environment, os.environ)
    from partnergate.applying.drift import drift
    from partnergate.cli.realm.access import open_realm
    from partnergate.keycloak.admin_events import AdminEventReader

    with open_realm(root, environment, early=early) as access:
        plan = access.plan()
        acts: tuple[AdminAct, ...] = ()
        if access.reader.representation:
            acts = AdminEventReader(access.connection, access.reader.representation).read_acts()
    found = drift(plan, acts)
    match kind:
        case "json":
            click.echo(json.dumps(drift_document(found), indent=2))
        case _:
            click.echo("\n".join(_text(found)))
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not found.is_empty else ExitCode.OK


def drift_document(found: Drift) -> dict[str, Any]:
    """The drift as JSON values."""
    from partnergate.rendering.plain_text import plain

    return {
        "format_version": 1,
        "outside": [_document(one) for one in found.outside],
        "unexplained": [_document(one) for one in found.unexplained],
        "by_hand": [
            {"kind": one.key.kind.value, "name": one.key.name, "what": plain(one.words)} | _ways(one)
            for one in found.by_hand
        ],
        "unseen": [
            {"kind": one.key.kind.value, "name": one.key.name, "acts": _acts(one.acts)}
            for one in found.unseen
        ],
    }


def _document(one: Drifted) -> dict[str, Any]:
    key = one.change.key
    return {
        "kind": key.kind.value,
        "parent": key.parent,
        "name": key.name,
        "owner": one.change.owner,
        "fields": list(_fields(one)),
    } | _ways(one)


def _acts(acts: tuple[AdminAct, ...]) -> list[dict[str, Any]]:
    return [
        {
            "time": act.time.isoformat(timespec="seconds"),
            "operation": act.operation,
            "who": act.who,
            "address": act.address,
        }
        for act in acts
    ]


def _ways(one: Drifted | MadeByHand) -> dict[str, Any]:
    """Who did it, and what accepts or undoes it."""
    return {
        "acts": _acts(one.acts),
        "accept": one.accept,
        "undo": one.undo,
    }


def _text(found: Drift) -> Iterator[str]:
    from partnergate.rendering.plain_text import plain

    if found.is_empty:
        yield "No drift: the realm is as the files say."
    if found.outside:
        yield f"Changed outside ({len(found.outside)}):"
        for one in found.outside:
            yield from _entry(one)
    if found.unexplained:
        yield (
            f"Not as the files say, and no admin event tells why ({len(found.unexplained)}): "
            "the files changed since the last apply, or the events do not reach back."
        )
        for one in found.unexplained:
            yield from _entry(one)
    if found.by_hand:
        yield f"Made by hand and in no file, so that apply leaves it alone ({len(found.by_hand)}):"
        for made in found.by_hand:
            yield f"  {made.key.kind.value} {plain(made.words)}"
            yield from _way_lines(made)
    if found.unseen:
        yield (
            f"Saved outside, and nothing differs that can be seen ({len(found.unseen)}): a client secret "
            "cannot be read back, so it may be another one. partnergate test-login tells."
        )
        for saved in found.unseen:
            yield f"  {saved.key.kind.value} {plain(saved.key.name)}"
            yield from _act_lines(saved.acts)


def _entry(one: Drifted) -> Iterator[str]:
    yield f"  {_what(one)}"
    yield from (f"      {line}" for line in _field_lines(one))
    yield from _way_lines(one)


def _way_lines(one: Drifted | MadeByHand) -> Iterator[str]:
    yield from _act_lines(one.acts)
    yield f"      accept: {one.accept}"
    yield f"      undo:   {one.undo}"


def _act_lines(acts: tuple[AdminAct, ...]) -> Iterator[str]:
    for act in acts[:_SHOWN_ACTS]:
        when = act.time.isoformat(sep=" ", timespec="seconds")
        yield f"      {act.operation.lower()} by {act.who} from {act.address} at {when}"
    if len(acts) > _SHOWN_ACTS:
        yield f"      and {len(acts) - _SHOWN_ACTS} earlier"


def _what(one: Drifted) -> str:
    from partnergate.planning.changes import Adopt, Create, Delete

    match one.change:
        case Create(key=key):
            return f"{key} is missing"
        case Delete(key=key):
            return f"{key} is there, and no file says it"
        case Adopt(key=key):
            return f"{key} lost its mark, or somebody made it"
        case _:
            return f"{one.change.key} differs"


def _fields(one: Drifted) -> tuple[str, ...]:
    """Names of the fields that differ."""
    from partnergate.planning.changes import Adopt, Replace, Update

    match one.change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields):
            return tuple(field.name for field in fields)
        case _:
            return ()


def _field_lines(one: Drifted) -> Iterator[str]:
    """Each field from what the realm has to what the files say, masked as every rendering masks."""
    from partnergate.planning.changes import Adopt, Replace, Update
    from partnergate.rendering.plan.values import field_in_words

    match one.change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields):
            yield from (field_in_words(field) for field in fields)
        case _:
            return
