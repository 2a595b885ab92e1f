"""A problem with a value, at a path of the file that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from partnergate.language.text.tree import Path


class Finding(NamedTuple):
    """A problem at a path of the file. If the path does not exist, its nearest parent is shown."""

    path: Path
    message: str
    hint: str = ""
    on_key: bool = False


class CodedFinding(NamedTuple):
    """A finding with its diagnostic code."""

    code: str
    finding: Finding
