"""The partners that ``doctor`` and ``test-login`` can check, without those whose files have errors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from partnergate.cli.workspace import require_workspace
from partnergate.errors import InvalidInputError
from partnergate.language.load import load_usable_partners
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from partnergate.language.load import UnusableFile
    from partnergate.model.workspace import Workspace


def load_usable(
    root: Path, environment: str, named: Collection[str]
) -> tuple[Workspace, tuple[UnusableFile, ...]]:
    """The workspace without the partners whose files have errors, and these files, which are also reported.

    Raises ``InvalidInputError`` for errors of the realm template or of a partner in ``named``.
    """
    workspace, found, unusable = load_usable_partners(root, environment, variables=os.environ)
    if workspace is None:
        require_workspace(root)
        raise InvalidInputError(found)
    if errors := tuple(error for file in unusable if file.partner in named for error in file.errors):
        raise InvalidInputError(errors)
    for file in unusable:
        click.echo(
            f"{file.path} has {counted(len(file.errors), 'error')}, so partner {file.partner} is left out; "
            "run partnergate validate",
            err=True,
        )
    return workspace, unusable
