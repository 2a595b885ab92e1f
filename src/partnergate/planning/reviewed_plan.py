"""The comparison of a plan with the file that a reviewer saw: the file is a record, never an instruction.

Apply computes the plan again from the files and the realm. It executes that plan, and only if the
reviewed file has the same content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import StalePlanError
from partnergate.planning.plan_file import plan_document
from partnergate.planning.state_marks import ABSENT, stale_marks
from partnergate.realm.state import ResourceKind
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.planning.plan import Plan
    from partnergate.planning.state_marks import StateMark
    from partnergate.realm.state import RealmState

_SHOWN: Final = 10
_ABSENT: Final = object()
_PLAN_AGAIN: Final = "plan again and review the new plan"


def refuse_stale(plan: Plan, marks: Iterable[StateMark], actual: RealmState) -> None:
    """Raise ``StalePlanError`` when the realm differs from the marks; the error lists what changed."""
    marks = tuple(marks)
    existed = any(mark.key.kind is ResourceKind.REALM and mark.digest != ABSENT for mark in marks)
    if existed and not actual.resources:
        raise deleted_realm_error(plan)
    found = stale_marks(marks, actual, partners=plan.only_partners)
    if found:
        raise StalePlanError(
            "stale plan: the realm has changed since the plan was created; "
            f"nothing was changed:{_list(found)}",
            target=_target(plan),
            advice=_PLAN_AGAIN,
        )


def deleted_realm_error(plan: Plan) -> StalePlanError:
    """Return the error for a realm that existed when the plan was created."""
    return StalePlanError(
        "stale plan: the realm was deleted after the plan was created; nothing was changed",
        target=_target(plan),
        advice="find out who deleted it (see the server log); then plan again",
    )


def refuse_unreviewed(reviewed: Plan, plan: Plan) -> None:
    """Raise ``StalePlanError`` unless the reviewed file has the content of ``plan``.

    ``plan`` is computed from the present files and the present realm. The first differences are listed.
    """
    found = tuple(differences(reviewed, plan))
    if found:
        raise StalePlanError(
            "the plan file differs from the plan that the files and the realm result in; "
            f"nothing was changed:{_list(found)}",
            target=_target(plan),
            advice=f"the file was edited, or another version created it; {_PLAN_AGAIN}",
        )


def differences(reviewed: Plan, plan: Plan) -> Iterator[str]:
    """Describe where two plans have different canonical content, by position and without values.

    The canonical content is everything that determines the changes: the target, the partners that the
    plan is limited to, input files, changes, waivers, and state marks. The time, the version of
    partnergate, warnings, unmanaged resources, and counts of linked users are not part of it.
    """
    before, after = _content(reviewed), _content(plan)
    for name in after:
        yield from _different(name, before[name], after[name])


def _content(plan: Plan) -> dict[str, Any]:
    document = plan_document(plan)
    return {
        "target": document["target"],
        "only_partners": document["only_partners"],
        "input": {item["path"]: item["sha256"] for item in document["inputs"]},
        "waiver": sorted(map(str, document["waivers"])),
        "change": _changes(document["changes"]),
        "summary": document["summary"],
        "state": {" ".join(filter(None, mark[:4])): mark[4] for mark in document["state"]},
    }


def _changes(changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Each change by its resource, in a form that does not depend on the order of its fields."""
    found: dict[str, Any] = {}
    for change in changes:
        key = " ".join(filter(None, (change["kind"], change["parent"], change["name"])))
        # A second entry for one resource must not hide behind the first.
        while key in found:
            key += " (repeated)"
        fields = {field["name"]: field for field in change.get("fields", ())}
        sides = {
            side: {name: value for name, value in change[side].items() if name != "linked_users"}
            for side in ("desired", "actual")
            if side in change
        }
        found[key] = {**change, **sides, "fields": fields}
    return found


def _different(where: str, before: object, after: object) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            at = f"{where} {name}"
            yield from _different(at, before.get(name, _ABSENT), after.get(name, _ABSENT))
    elif before is _ABSENT:
        yield f"{where} is not in the reviewed file"
    elif after is _ABSENT:
        yield f"{where} is only in the reviewed file"
    elif before != after or type(before) is not type(after):
        yield f"{where} has another value"


def _list(found: tuple[str, ...]) -> str:
    shown = "".join(f"\n  - {what}" for what in found[:_SHOWN])
    more = len(found) - _SHOWN
    return shown + (f"\n  - and {counted(more, 'other difference')}" if more > 0 else "")


def _target(plan: Plan) -> str:
    return f"{plan.target.server_url}, realm {plan.target.realm}"
