"""A plan as sections of entries, in the order of execution. Every renderer for people shows this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.planning.plan_file import action_of, summary_counts
from partnergate.planning.safety import destructive_changes, linked_users_text
from partnergate.planning.stages import PartnersStage, RealmStage, stages
from partnergate.realm.mappers.mapper_kinds import explained
from partnergate.realm.representation.provider import mapper_of
from partnergate.realm.state import ResourceKind
from partnergate.rendering.plan.values import field_text, fingerprints, short_fingerprints, value_text
from partnergate.safe_text import plain
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.planning.changes import Change, FieldChange
    from partnergate.planning.plan import Plan
    from partnergate.planning.stages import PlanStep
    from partnergate.realm.state import Resource, ResourceKey

SYMBOLS: Final = {"create": "+", "update": "~", "replace": "-/+", "delete": "-", "adopt": "!"}
"""Shown next to the word, so that neither color nor symbol is the only signal."""
_MANY_CREATES: Final = 100
"""Number of creates up to which their fields are shown; the plan file always has them."""
_WORDS: Final = {
    ResourceKind.REALM: "settings of realm",
    ResourceKind.USER_PROFILE: "user profile of realm",
    ResourceKind.EVENTS_CONFIG: "event settings of realm",
    ResourceKind.ROLE: "role",
    ResourceKind.GROUP: "group",
    ResourceKind.FLOW: "flow",
    ResourceKind.CLIENT_SCOPE: "client scope",
    ResourceKind.CLIENT: "client",
    ResourceKind.IDENTITY_PROVIDER: "provider",
    ResourceKind.IDENTITY_PROVIDER_MAPPER: "mapper",
    ResourceKind.ORGANIZATION: "organization",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """One change."""

    action: str
    title: str
    lines: tuple[str, ...]
    """Each field with its values."""
    fields: tuple[str, ...] = ()
    """The names of the changed fields; certificates with the beginnings of their fingerprints."""

    @property
    def symbol(self) -> str:
        """The symbol of its action."""
        return SYMBOLS[self.action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The changes of one stage, or of one partner."""

    title: str
    entries: tuple[ChangeEntry, ...]
    partner: str = ""
    """The partner; empty for a stage of the realm."""

    def counts(self) -> str:
        """The number of changes per action, as text."""
        found = {action: sum(1 for e in self.entries if e.action == action) for action in SYMBOLS}
        return ", ".join(f"{count} to {action}" for action, count in found.items() if count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A destructive change, a warning or a waiver, on one line."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutline:
    """The content of every rendering."""

    title: str
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    summary: str


def plan_outline(plan: Plan) -> PlanOutline:
    """The outline; each change appears once, in the stage that touches it first."""
    creates = sum(1 for change in plan.changes if isinstance(change, Create))
    return PlanOutline(
        title=_title(plan),
        sections=tuple(_sections(plan, with_fields=creates <= _MANY_CREATES)),
        notes=plan_notes(plan),
        summary=summary_line(plan),
    )


def summary_line(plan: Plan) -> str:
    """The counts of a plan in one sentence."""
    counts = dict(summary_counts(plan))
    unchanged = plan.unchanged
    del counts["unchanged"]
    if plan.is_empty:
        matches = "matches" if unchanged == 1 else "match"
        return f"Nothing to do: {counted(unchanged, 'resource')} already {matches} the files."
    return f"Plan: {', '.join(f'{n} to {action}' for action, n in counts.items())}; {unchanged} unchanged."


def _title(plan: Plan) -> str:
    target = plan.target
    title = f"{target.environment}: realm {target.realm} on {target.server_url}"
    title += f", Keycloak {target.server_version}" if target.server_version else ""
    if plan.only_partners:
        title += f", only {', '.join(plan.only_partners)}"
    return plain(title)


def _sections(plan: Plan, *, with_fields: bool) -> Iterator[Section]:
    for stage in stages(plan):
        match stage:
            case RealmStage():
                yield Section(title=stage.title, entries=_entries(stage.steps, with_fields=with_fields))
            case PartnersStage():
                for group in stage.groups:
                    entries = _entries(group.steps, with_fields=with_fields)
                    name = plain(group.partner)
                    yield Section(title=f"partner {name}", entries=entries, partner=name)
            case _ as never:
                assert_never(never)


def _entries(steps: Iterable[PlanStep], *, with_fields: bool) -> tuple[ChangeEntry, ...]:
    changes = {step.change.key: step.change for step in steps}
    return tuple(_entry(change, with_fields=with_fields) for change in changes.values())


def _entry(change: Change, *, with_fields: bool) -> ChangeEntry:
    return ChangeEntry(
        action=action_of(change),
        title=resource_title(change.key),
        lines=tuple(_lines(change, with_fields=with_fields)),
        fields=tuple(_field_names(change)),
    )


def resource_title(key: ResourceKey) -> str:
    """The kind and name of a resource, such as ``mapper username of acme``."""
    title = f"{_WORDS[key.kind]} {plain(key.name)}"
    return f"{title} of {plain(key.parent)}" if key.parent else title


def _lines(change: Change, *, with_fields: bool) -> Iterator[str]:
    match change:
        case Create():
            yield from (*_explanation(change.desired), *_fields(change.desired)) if with_fields else ()
        case Update():
            yield from _explanation(change.desired)
            yield from map(field_text, change.fields)
        case Adopt():
            yield "exists without the ownership mark of partnergate"
            yield from _explanation(change.desired)
            yield from map(field_text, change.fields)
        case Replace():
            yield f"{linked_users_text(change.actual.linked_users)}: {change.reason}"
            yield from map(field_text, change.fields)
        case Delete():
            if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
                yield linked_users_text(change.actual.linked_users)
            if change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER:
                yield from (*_explanation(change.actual), *_fields(change.actual))
        case NoOp():
            pass
        case _ as never:
            assert_never(never)


def _explanation(resource: Resource) -> Iterator[str]:
    """What a mapper does; other kinds of resource explain themselves by their fields."""
    if resource.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER:
        yield plain(explained(mapper_of(resource)))


def _field_names(change: Change) -> Iterator[str]:
    match change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields):
            # A changed secret comes first, so that a shortened list still shows it.
            yield from map(_field_name, sorted(fields, key=lambda field: not field.secret))
        case Create(desired=resource):
            yield from (
                f"{plain(name)} (SHA-256 {short_fingerprints(value)})"
                for name, value in resource.fields.items()
                if fingerprints(value)
            )
        case Delete() | NoOp():
            return
        case _ as never:
            assert_never(never)


def _field_name(field: FieldChange) -> str:
    name = plain(field.name)
    if field.secret or not (fingerprints(field.before) or fingerprints(field.after)):
        return name
    return f"{name} (SHA-256 {short_fingerprints(field.before)} -> {short_fingerprints(field.after)})"


def _fields(desired: Resource) -> Iterator[str]:
    for name, value in desired.fields.items():
        yield f"{plain(name)}: {value_text(value)}"
    for secret in desired.secrets:
        where = f" (from {secret.ref.source.value} {plain(secret.ref.name)})" if secret.ref else ""
        yield f"{plain(secret.name)}: set{where}"


def plan_notes(plan: Plan) -> tuple[Note, ...]:
    """The destructive changes, waivers and warnings of a plan."""
    return tuple(_notes(plan))


def _notes(plan: Plan) -> Iterator[Note]:
    for danger in destructive_changes(plan):
        yield Note(
            kind="destructive change", text=plain(f"{danger.message}; to apply it, pass {danger.flag}")
        )
    for waiver in plan.waivers:
        text = f"{waiver.partner} waives {waiver.code} until {waiver.until.isoformat()}"
        yield Note(kind="waiver", text=plain(f"{text}, approved by {waiver.approved_by}: {waiver.reason}"))
    for warning in plan.warnings:
        advice = f"; {warning.advice}" if warning.advice else ""
        yield Note(kind="warning", text=plain(f"{warning.code}: {warning.message}{advice}"))
