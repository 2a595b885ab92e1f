"""Writes a plan as JSON and reads it back, without loss. ``plan_document`` has the types of the format.

The file has names and keyed fingerprints of secrets, never a secret.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, assert_never

from partnergate.errors import PlanFileError
from partnergate.model.partner import SecretRef, SecretSource
from partnergate.planning.changes import Adopt, Create, Delete, FieldChange, NoOp, Replace, Update
from partnergate.planning.identifier_changes import IdentifierChange
from partnergate.planning.plan import (
    FORMAT_VERSION,
    InputFile,
    Plan,
    PlannedWaiver,
    PlanTarget,
    PlanWarning,
)
from partnergate.planning.plan_document import StateRow
from partnergate.planning.plan_schema import misfit
from partnergate.planning.state_marks import StateMark
from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.state import Resource, ResourceKey, ResourceKind, SecretField
from partnergate.safe_text import json_text
from partnergate.strict_json import StrictJsonError, decode_json

if TYPE_CHECKING:
    from partnergate.planning.changes import Change
    from partnergate.planning.plan_document import (
        Action,
        ChangeDocument,
        FieldDocument,
        PlanDocument,
        ResourceDocument,
        SummaryDocument,
        UnmanagedDocument,
    )

Json = dict[str, Any]
MADE_BY: Final = "create it with partnergate plan --output"


def plan_to_json(plan: Plan) -> str:
    """Return the content of the file. Equal plans result in equal files."""
    return json_text(plan_document(plan)) + "\n"


def plan_document(plan: Plan) -> PlanDocument:
    """Return the content of the file as JSON values."""
    return {
        "format_version": plan.format_version,
        "tool_version": plan.tool_version,
        "created_at": plan.created_at.isoformat(),
        "target": {
            "environment": plan.target.environment,
            "server_url": plan.target.server_url,
            "realm": plan.target.realm,
            "server_version": plan.target.server_version,
        },
        "only_partners": list(plan.only_partners),
        "summary": summary_counts(plan),
        "inputs": [{"path": i.path, "sha256": i.sha256, "commit": i.commit} for i in plan.inputs],
        "changes": [_change_document(change) for change in plan.changes],
        "waivers": [
            {
                "partner": waiver.partner,
                "code": waiver.code,
                "reason": waiver.reason,
                "until": waiver.until.isoformat(),
                "approved_by": waiver.approved_by,
            }
            for waiver in plan.waivers
        ],
        "warnings": [{"code": w.code, "message": w.message, "advice": w.advice} for w in plan.warnings],
        "unmanaged": [_unmanaged_document(resource) for resource in plan.unmanaged],
        "identifier_changes": [
            {"alias": one.alias, "before": one.before, "after": one.after, "linked_users": one.linked_users}
            for one in plan.identifier_changes
        ],
        "state": [
            StateRow([mark.key.kind.value, mark.key.parent, mark.key.name, mark.field, mark.digest])
            for mark in plan.state
        ],
    }


def summary_counts(plan: Plan) -> SummaryDocument:
    """The number of changes of each kind, and of unchanged resources."""
    counts = Counter(action_of(change) for change in plan.changes)
    return {
        "create": counts["create"],
        "update": counts["update"],
        "replace": counts["replace"],
        "delete": counts["delete"],
        "adopt": counts["adopt"],
        "unchanged": plan.unchanged,
    }


def action_of(change: Change) -> Action:
    """Return the name of a kind of change."""
    match change:
        case Create():
            return "create"
        case Update():
            return "update"
        case Replace():
            return "replace"
        case Delete():
            return "delete"
        case Adopt():
            return "adopt"
        case NoOp():
            raise ValueError("an unchanged resource is not listed in a plan")
        case _ as never:
            assert_never(never)


def plan_from_json(text: str) -> Plan:
    """Read a plan. Raises ``PlanFileError`` when the text is not a plan of this format version."""
    try:
        document = decode_json(text)
    except StrictJsonError as error:
        raise PlanFileError(f"the plan file is not valid JSON: {error}", advice=MADE_BY) from None
    if not isinstance(document, dict) or "format_version" not in document:
        raise PlanFileError("the file is not a plan", advice=MADE_BY)
    if document["format_version"] != FORMAT_VERSION:
        raise PlanFileError(
            f"the plan file has format {document['format_version']}, but this version reads {FORMAT_VERSION}",
            advice="create the plan again with this version",
        )
    if found := misfit(document):
        raise PlanFileError(f"the plan file is damaged {found}", advice="create the plan again")
    try:
        return _plan(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlanFileError(
            f"the plan file is damaged ({type(error).__name__}: {error})", advice="create the plan again"
        ) from error


def _plan(document: Json) -> Plan:
    target = document["target"]
    return Plan(
        target=PlanTarget(
            environment=target["environment"],
            server_url=target["server_url"],
            realm=target["realm"],
            server_version=target["server_version"],
        ),
        tool_version=document["tool_version"],
        created_at=datetime.fromisoformat(document["created_at"]),
        changes=tuple(_change(change) for change in document["changes"]),
        unchanged=document["summary"]["unchanged"],
        inputs=tuple(InputFile(**item) for item in document["inputs"]),
        state=tuple(
            StateMark(
                key=ResourceKey(kind=ResourceKind(kind), parent=parent, name=name), field=field, digest=digest
            )
            for kind, parent, name, field, digest in document["state"]
        ),
        waivers=tuple(
            PlannedWaiver(**{**waiver, "until": date.fromisoformat(waiver["until"])})
            for waiver in document["waivers"]
        ),
        warnings=tuple(PlanWarning(**warning) for warning in document["warnings"]),
        unmanaged=tuple(_unmanaged(resource) for resource in document["unmanaged"]),
        identifier_changes=tuple(IdentifierChange(**one) for one in document.get("identifier_changes", ())),
        only_partners=tuple(document["only_partners"]),
    )


def _change_document(change: Change) -> ChangeDocument:
    document: ChangeDocument = {
        "action": action_of(change),
        "kind": change.key.kind,
        "parent": change.key.parent,
        "name": change.key.name,
        "owner": change.owner,
    }
    if isinstance(change, Replace):
        document["reason"] = change.reason
    if isinstance(change, Update | Adopt | Replace):
        document["fields"] = [_field_document(field) for field in change.fields]
    if not isinstance(change, Delete | NoOp):
        document["desired"] = _resource_document(change.desired)
    if not isinstance(change, Create | NoOp):
        document["actual"] = _resource_document(change.actual)
    return document


def _change(document: Json) -> Change:
    key = ResourceKey(kind=ResourceKind(document["kind"]), parent=document["parent"], name=document["name"])
    owner = document["owner"]
    match document["action"]:
        case "create":
            return Create(key=key, owner=owner, desired=_resource(key, document["desired"]))
        case "update" | "adopt" as action:
            kind = Update if action == "update" else Adopt
            return kind(
                key=key,
                owner=owner,
                desired=_resource(key, document["desired"]),
                actual=_resource(key, document["actual"]),
                fields=tuple(_field(field) for field in document["fields"]),
            )
        case "replace":
            return Replace(
                key=key,
                owner=owner,
                desired=_resource(key, document["desired"]),
                actual=_resource(key, document["actual"]),
                fields=tuple(_field(field) for field in document["fields"]),
                reason=document["reason"],
            )
        case "delete":
            return Delete(key=key, owner=owner, actual=_resource(key, document["actual"]))
        case other:
            raise ValueError(f"unknown action {other!r}")


def _unmanaged_document(resource: Resource) -> UnmanagedDocument:
    return {
        "kind": resource.key.kind,
        "parent": resource.key.parent,
        "name": resource.key.name,
        "fields": {name: thaw(value) for name, value in resource.fields.items()},
    }


def _unmanaged(document: Json) -> Resource:
    return Resource(
        key=ResourceKey(
            kind=ResourceKind(document["kind"]), parent=document["parent"], name=document["name"]
        ),
        fields={name: freeze(value) for name, value in document["fields"].items()},
    )


def _resource_document(resource: Resource) -> ResourceDocument:
    document: ResourceDocument = {
        "owner": resource.owner,
        "fields": {name: thaw(value) for name, value in resource.fields.items()},
        "secrets": [
            {
                "name": secret.name,
                "fingerprint": secret.fingerprint,
                "ref": {"source": secret.ref.source, "name": secret.ref.name} if secret.ref else None,
            }
            for secret in resource.secrets
        ],
    }
    if resource.linked_users is not None:
        document["linked_users"] = resource.linked_users
    return document


def _resource(key: ResourceKey, document: Json) -> Resource:
    return Resource(
        key=key,
        fields={name: freeze(value) for name, value in document["fields"].items()},
        owner=document["owner"],
        secrets=tuple(_secret(secret) for secret in document["secrets"]),
        linked_users=document.get("linked_users"),
    )


def _secret(document: Json) -> SecretField:
    ref = document["ref"]
    return SecretField(
        name=document["name"],
        fingerprint=document["fingerprint"],
        ref=SecretRef(source=SecretSource(ref["source"]), name=ref["name"]) if ref else None,
    )


def _field_document(field: FieldChange) -> FieldDocument:
    return {
        "name": field.name,
        "before": thaw(field.before),
        "after": thaw(field.after),
        "secret": field.secret,
    }


def _field(document: Json) -> FieldChange:
    return FieldChange(
        name=document["name"],
        before=freeze(document["before"]),
        after=freeze(document["after"]),
        secret=document["secret"],
    )
