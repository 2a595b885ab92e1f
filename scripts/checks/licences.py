"""The licences of what the program installs. Fails for a licence that is not allowed, or not known.

``scripts/lint`` runs it without arguments; ``scripts/sbom --licences`` prints the list. The packages are
those of ``scripts/locks/image.txt``; the licences come from the metadata of the installed packages.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from license_expression import AND, OR, ExpressionError, get_spdx_licensing
from locks import locked_packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOCK: Final = Path(__file__).parents[2] / "scripts" / "locks" / "image.txt"
ALLOWED: Final = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC",
        "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Unlicense",
        "MPL-2.0",  # files of the library only
    }
)  # fmt: skip
LIBRARIES: Final = frozenset({"jwcrypto", "psycopg", "psycopg-binary"})
"""Packages under the LGPL: used as unchanged libraries, which their users can replace."""
_LESSER: Final = frozenset({"LGPL-3.0-only", "LGPL-3.0-or-later"})
_ELSEWHERE: Final = {"colorama": "BSD-3-Clause", "pywin32": "PSF-2.0"}
"""Packages for other systems, which are not installed where this runs."""
_SPELLINGS: Final = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "mit license": "MIT",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
_LONGEST: Final = 60
"""A longer ``License`` is the text of the licence."""
_SPELLED: Final = "scripts/checks/licences.py"
_SPDX: Final = get_spdx_licensing()


def licence_of(name: str) -> str:
    """Return the SPDX expression of an installed package; empty if its metadata name none.

    Raises ``PackageNotFoundError``.
    """
    found = metadata(name)
    if expression := found.get("License-Expression"):
        return str(expression)
    classifiers = [
        c.rpartition(" :: ")[2] for c in found.get_all("Classifier", []) if c.startswith("License ::")
    ]
    for text in (found.get("License", ""), *classifiers):
        if text and len(text) < _LONGEST:
            return _SPELLINGS.get(text.lower(), text)
    return next((_SPELLINGS[c.lower()] for c in classifiers if c.lower() in _SPELLINGS), "")


def licences() -> dict[str, str]:
    """Package -> SPDX expression, for every package of the image."""
    return {name: _known(name) for name in sorted(locked_packages(LOCK.read_text(encoding="utf-8")))}


def _known(name: str) -> str:
    try:
        return licence_of(name)
    except PackageNotFoundError:
        return _ELSEWHERE.get(name, "")


def problems(found: Mapping[str, str]) -> Iterator[str]:
    """Describe every package whose licence is unknown or not allowed."""
    for name, expression in found.items():
        if not expression:
            yield f"{name}: the licence is not known; look it up and add it to {_SPELLED}"
            continue
        try:
            tree = _SPDX.parse(expression, validate=True)
        except ExpressionError:
            yield f"{name}: {expression!r} is not an SPDX expression; add its spelling to {_SPELLED}"
            continue
        if not _allowed(tree, ALLOWED | (_LESSER if name in LIBRARIES else frozenset())):
            yield f"{name}: the licence {expression} is not allowed; use another library"


def _allowed(tree: object, allowed: frozenset[str]) -> bool:
    if isinstance(tree, AND):
        return all(_allowed(part, allowed) for part in tree.args)
    if isinstance(tree, OR):
        return any(_allowed(part, allowed) for part in tree.args)
    return str(tree) in allowed


def main() -> int:
    """Print the problems, or with ``--list`` the licences; return the exit code."""
    found = licences()
    if sys.argv[1:] == ["--list"]:
        width = max(map(len, found))
        print(*(f"{name:<{width}}  {expression}" for name, expression in found.items()), sep="\n")
    wrong = list(problems(found))
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
