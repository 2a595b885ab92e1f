"""The check that a directory is a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def require_workspace(root: Path) -> None:
    """Raise ``UsageError`` unless ``root`` has realm templates."""
    from partnergate.language.folder import read_templates

    found = read_templates(root)
    if not found.templates and not found.links:
        raise UsageError(
            f"{root} is not a workspace: it has no realm_templates/",
            advice="pass --root with the directory that contains realm_templates/, or run partnergate init",
        )
