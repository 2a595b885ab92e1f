"""``partnergate drift``: reports changes made outside partnergate, with author, time and remedy."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import environment_option, format_option, root_option, secrets_dir_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnergate.applying.admin_acts import AdminAct
    from partnergate.applying.drift import Drift, Drifted, ManuallyCreated

_SHOWN_ACTS = 3


@click.command(name="drift", cls=Command)
@environment_option()
@root_option
@secrets_dir_option
@format_option("text", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when the realm has drifted.")
def command(
    environment: str, root: Path, kind: str, *, detailed_exitcode: bool, secrets_dir: Path | None
) -> int:
    """Show how the realm differs from the files, and who changed it outside of apply.

    The author and the time come from the realm's admin events; reading them requires the role
    view-events. Each entry shows how to accept the change in the files and how to undo it in the
    realm. The command changes nothing.
    """
    from partnergate.cli.realm.early_reading import begin_reading

    early = begin_reading(root, environment, os.environ)
    from partnergate.applying.drift import drift
    from partnergate.cli.realm.access import open_realm
    from partnergate.keycloak.admin_events import AdminEventReader

    with open_realm(root, environment, early=early, secrets_dir=secrets_dir) as access:
        plan = access.plan()
        acts: tuple[AdminAct, ...] = ()
        if access.reader.representation:
            acts = AdminEventReader(access.connection, access.reader.representation).read_acts()
        # Names are those of the realm, because the admin events have them.
        found = drift(access.without_values(plan, keys=False), acts)
    match kind:
        case "json":
            click.echo(access.concealed(json.dumps(drift_document(found), indent=2)))
        case _:
            click.echo(access.concealed("\n".join(_text(found))))
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not found.is_empty else ExitCode.OK


def drift_document(found: Drift) -> dict[str, Any]:
    """The drift as a JSON-compatible value."""
    from partnergate.safe_text import plain

    return {
        "format_version": 1,
        "outside": [_document(one) for one in found.outside],
        "unexplained": [_document(one) for one in found.unexplained],
        "unmanaged": [
            {"kind": one.key.kind.value, "name": one.key.name, "what": plain(one.words)} | _ways(one)
            for one in found.unmanaged
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


def _ways(one: Drifted | ManuallyCreated) -> dict[str, Any]:
    """The author, and how to accept or undo the change."""
    return {
        "acts": _acts(one.acts),
        "accept": one.accept,
        "undo": one.undo,
    }


def _text(found: Drift) -> Iterator[str]:
    from partnergate.safe_text import plain

    if found.is_empty:
        yield "No drift: the realm matches the files."
    if found.outside:
        yield f"Changed outside partnergate ({len(found.outside)}):"
        for one in found.outside:
            yield from _entry(one)
    if found.unexplained:
        yield (
            f"Different from the files, without an admin event ({len(found.unexplained)}): "
            "the files changed since the last apply, or the events have expired."
        )
        for one in found.unexplained:
            yield from _entry(one)
    if found.unmanaged:
        yield f"Unmanaged, created manually and in no file; apply ignores them ({len(found.unmanaged)}):"
        for made in found.unmanaged:
            yield f"  {made.key.kind.value} {plain(made.words)}"
            yield from _way_lines(made)
    if found.unseen:
        yield (
            f"Saved outside partnergate without a visible difference ({len(found.unseen)}): the client "
            "secret, which cannot be read back, may have changed. To check, run partnergate test-login."
        )
        for saved in found.unseen:
            yield f"  {saved.key.kind.value} {plain(saved.key.name)}"
            yield from _act_lines(saved.acts)


def _entry(one: Drifted) -> Iterator[str]:
    yield f"  {_what(one)}"
    yield from (f"      {line}" for line in _field_lines(one))
    yield from _way_lines(one)


def _way_lines(one: Drifted | ManuallyCreated) -> Iterator[str]:
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
            return f"{key} exists and is in no file"
        case Adopt(key=key):
            return f"{key} lost its ownership mark, or was created manually"
        case _:
            return f"{one.change.key} differs"


def _fields(one: Drifted) -> tuple[str, ...]:
    """The names of the fields that differ."""
    from partnergate.planning.changes import Adopt, Replace, Update

    match one.change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields):
            return tuple(field.name for field in fields)
        case _:
            return ()


def _field_lines(one: Drifted) -> Iterator[str]:
    """Each field with the value of the realm and the value of the files; secrets are masked."""
    from partnergate.planning.changes import Adopt, Replace, Update
    from partnergate.rendering.plan.values import field_text

    match one.change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields):
            yield from (field_text(field) for field in fields)
        case _:
            return
