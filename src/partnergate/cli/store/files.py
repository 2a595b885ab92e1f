"""The files that the store commands read and write."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.errors import PartnergateError

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = click.Path(dir_okay=False, path_type=Path)


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Turn an operating system error into a ``PartnergateError`` that names the file."""
    try:
        yield
    except OSError as error:
        raise PartnergateError(
            "cannot write the file",
            target=str(file),
            advice="name a file in an existing, writable directory with enough free space",
        ) from error
