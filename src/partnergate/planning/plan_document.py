"""The plan file as JSON values: one type for each kind of object. The schema is derived from them.

``plan_file`` writes and reads these objects. ``docs/plan-format.md`` describes the format to users.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NewType, NotRequired, TypedDict

from partnergate.model.partner import SecretSource  # noqa: TC001 - the schema follows the annotations
from partnergate.planning.plan import FORMAT_VERSION
from partnergate.planning.unmanaged import UNMANAGED_KINDS
from partnergate.realm.state import ResourceKind
from partnergate.type_schema import Keywords

Count = Annotated[int, Keywords(minimum=0)]
Action = Literal["create", "update", "replace", "delete", "adopt"]
StateRow = NewType("StateRow", list[str])
"""Kind, parent, name, field and digest of one value that the plan was created from."""
StateColumns = tuple[ResourceKind, str, str, str, Annotated[str, Keywords(pattern="^([0-9a-f]{16})?$")]]
"""The columns of a ``StateRow``, which JSON has as a list."""


class TargetDocument(TypedDict):
    """The realm of the plan."""

    environment: str
    """The environment of the workspace."""
    server_url: str
    """The server's base URL."""
    realm: str
    """The realm; never master."""
    server_version: str
    """The version that the server reports."""


class SummaryDocument(TypedDict):
    """The number of changes of each kind, and of unchanged resources."""

    create: Count
    update: Count
    replace: Count
    delete: Count
    adopt: Count
    unchanged: Count


class InputDocument(TypedDict):
    """A file that the plan was created from."""

    path: str
    """Relative to the workspace."""
    sha256: Annotated[str, Keywords(pattern="^[0-9a-f]*$")]
    """SHA-256 of the file."""
    commit: str
    """The commit of the file; empty outside version control."""


class SecretRefDocument(TypedDict):
    """The source of a secret."""

    source: SecretSource
    """The kind of source."""
    name: str
    """The name in the source."""


class SecretDocument(TypedDict):
    """A secret field, without its value."""

    name: str
    """The field of the secret."""
    fingerprint: str
    """A keyed hash of the value and its destination; empty if unknown."""
    ref: SecretRefDocument | None
    """The source of the value; null in the actual state."""


class ResourceDocument(TypedDict):
    """A resource, as desired or as it is in the realm."""

    owner: str
    """The owner in the ownership mark; empty without a mark."""
    fields: dict[str, Any]
    """All fields by name."""
    secrets: list[SecretDocument]
    linked_users: NotRequired[Count]
    """The number of users that lose their link; for a provider that is deleted or replaced."""


class FieldDocument(TypedDict):
    """A field that differs."""

    name: str
    """The name in Keycloak; config.x and attributes.x for entries of a map."""
    before: Any
    """The value in the realm; null if it is not set."""
    after: Any
    """The desired value; null if the field is removed."""
    secret: bool
    """Whether the value is secret; both values are null then."""


class ChangeDocument(TypedDict):
    """The change of one resource."""

    action: Action
    """replace deletes and creates again; adopt takes a resource without an ownership mark into management."""
    kind: ResourceKind
    """The kind of resource, as Keycloak names it."""
    parent: str
    """The provider's alias, for a mapper."""
    name: str
    """The name, alias, client ID or path."""
    owner: str
    """A partner ID, or realm."""
    reason: NotRequired[str]
    """The reason why an update is not sufficient; for replace."""
    fields: NotRequired[list[FieldDocument]]
    """The fields that differ; for update, replace and adopt."""
    desired: NotRequired[ResourceDocument]
    actual: NotRequired[ResourceDocument]


class WaiverDocument(TypedDict):
    """A waiver of a security rule in a partner file."""

    partner: str
    """The partner of the waiver."""
    code: str
    """The rule."""
    reason: str
    """The reason for the waiver."""
    until: Annotated[str, Keywords(format="date")]
    """The last day of the waiver."""
    approved_by: str
    """The name of the approver."""


class WarningDocument(TypedDict):
    """A warning about a condition that the plan does not change."""

    code: str
    """A CVE, or a code of partnergate."""
    message: str
    """The warning."""
    advice: str
    """The next step."""


class UnmanagedDocument(TypedDict):
    """An unmanaged provider, mapper or organization.

    A provider and an organization have the fields that identify it, a mapper has all fields.
    """

    kind: Annotated[ResourceKind, Keywords(enum=UNMANAGED_KINDS)]
    """The kind of resource, as Keycloak names it."""
    parent: str
    """The provider's alias, for a mapper."""
    name: str
    """The name or alias."""
    fields: dict[str, Any]
    """The fields by name; values of fields that are named like a secret are masked."""


class IdentifierChangeDocument(TypedDict):
    """A provider with linked users that would be identified by something else after the plan."""

    alias: str
    """The provider's alias."""
    before: str
    """What identifies its users now, such as the claim sub."""
    after: str
    """What would identify them."""
    linked_users: Count
    """The number of users with a link to the provider."""


class PlanDocument(TypedDict):
    """The plan file that plan --output writes and apply reads; see docs/plan-format.md."""

    format_version: Annotated[int, Keywords(const=FORMAT_VERSION)]
    """Version of this format; it increases with every incompatible change."""
    tool_version: str
    """The version of partnergate that created the plan."""
    created_at: Annotated[str, Keywords(format="date-time")]
    """The time of creation; the only time in a plan."""
    target: TargetDocument
    only_partners: list[str]
    """The partners that the plan is limited to; empty means all partners and the realm."""
    summary: SummaryDocument
    inputs: list[InputDocument]
    """The files that the plan was created from. apply rejects the plan if one of them has changed."""
    changes: list[ChangeDocument]
    """The changes, sorted by key; apply derives the order of execution from them."""
    waivers: list[WaiverDocument]
    """Waivers of security rules in partner files."""
    warnings: list[WarningDocument]
    """Warnings about conditions that the plan does not change."""
    unmanaged: list[UnmanagedDocument]
    """Every unmanaged provider, mapper and organization: no file declares it, it has no ownership mark,
    and the plan does not change it."""
    identifier_changes: NotRequired[list[IdentifierChangeDocument]]
    """Every provider with linked users that would be identified by something else after the plan."""
    state: list[StateRow]
    """The state that the plan was created from: [kind, parent, name, field, digest]. An empty digest means
    that the resource did not exist; the field is set for settings, which are managed field by field."""
