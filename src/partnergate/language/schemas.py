"""JSON Schemas of the files that people write, derived from the shapes of the language."""

from __future__ import annotations

from typing import Any

from partnergate.language.keys.partner import PARTNER
from partnergate.language.keys.realm_template import TEMPLATE_PART
from partnergate.language.shape.json_schema import schema_document


def partner_schema() -> dict[str, Any]:
    """Return the schema of ``partners/<partner>.yaml``."""
    return schema_document(PARTNER, title="partnergate partner file")


def realm_template_schema() -> dict[str, Any]:
    """Return the schema of ``realm_templates/<environment>.yaml``. Each file is a part of the template."""
    return schema_document(TEMPLATE_PART, title="partnergate realm template")
