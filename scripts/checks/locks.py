"""Fails when a lock file does not satisfy ``pyproject.toml`` and ``scripts/constraints.txt``, offline.

A lock file must name every direct requirement of its extras and, as far as the packages are installed here,
what they require in turn; each with the version of ``scripts/constraints.txt`` and at least one SHA-256 hash.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = {
    "dev": ("dev",),
    "devstack": ("devstack",),
    "runtime": ("postgresql",),
    "image": ("postgresql", "export"),
}
"""The extras of each lock file, as in ``scripts/lock``."""
_HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}\Z")
_FIX: Final = "run scripts/lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """One entry of a lock file."""

    version: str
    hashes: int


def locked_packages(text: str) -> dict[str, LockedPackage]:
    """Canonical name -> entry. Raises ``ValueError`` for a line that is neither a pin nor a SHA-256 hash."""
    found: dict[str, LockedPackage] = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if not entry.strip() or entry.startswith("#"):
            continue
        pin, *hashes = re.split(r"\s+(?=--hash)", entry.strip())
        requirement = Requirement(pin)
        if not all(_HASH.match(one.strip()) for one in hashes):
            raise ValueError(f"not a SHA-256 hash: {entry[:80]}")
        found[canonicalize_name(requirement.name)] = LockedPackage(
            version=_pinned(requirement), hashes=len(hashes)
        )
    return found


def _pinned(requirement: Requirement) -> str:
    clauses = list(requirement.specifier)
    if requirement.url or len(clauses) != 1 or clauses[0].operator != "==":
        raise ValueError(f"not pinned to one version: {requirement}")
    return clauses[0].version


def problems(
    project: Mapping[str, Any], constraints: str, locks: Mapping[str, str], *, installed: bool = True
) -> Iterator[str]:
    """Describe every problem. ``locks`` is name -> text; ``installed`` also follows installed packages."""
    wanted = {name: entry.version for name, entry in locked_packages(constraints).items()}
    for name, extras in LOCKS.items():
        try:
            locked = locked_packages(locks[name])
        except (KeyError, ValueError) as error:
            yield f"scripts/locks/{name}.txt: {error}; {_FIX}"
            continue
        for package, entry in locked.items():
            if not entry.hashes:
                yield f"scripts/locks/{name}.txt: {package} has no hash; {_FIX}"
            if package not in wanted:
                yield f"scripts/constraints.txt: {package} is missing; add {package}=={entry.version}"
            elif wanted[package] != entry.version:
                yield (
                    f"scripts/locks/{name}.txt: {package} is {entry.version}, "
                    f"but scripts/constraints.txt has {wanted[package]}; {_FIX}"
                )
        for requirement in _required(project, extras, follow=installed):
            entry = locked.get(canonicalize_name(requirement.name))
            if entry is None:
                yield f"scripts/locks/{name}.txt: {requirement.name} is missing; {_FIX}"
            elif not requirement.specifier.contains(entry.version, prereleases=True):
                yield (
                    f"scripts/locks/{name}.txt: {requirement} is required, "
                    f"but {entry.version} is locked; {_FIX}"
                )


def _required(project: Mapping[str, Any], extras: tuple[str, ...], *, follow: bool) -> Iterator[Requirement]:
    """Yield the requirements of the project with the extras, then those of installed packages, each once."""
    open_ = [Requirement(text) for text in project["build-system"]["requires"]]
    open_ += direct_requirements(project["project"], extras)
    seen: set[str] = set()
    while open_:
        requirement = open_.pop()
        if str(requirement) in seen or (requirement.marker and not requirement.marker.evaluate()):
            continue
        seen.add(str(requirement))
        yield requirement
        if follow:
            open_ += requirements_of_installed(requirement)


def direct_requirements(project: Mapping[str, Any], extras: tuple[str, ...]) -> Iterator[Requirement]:
    """Yield the requirements of the ``[project]`` table with the extras, those of its own extras resolved."""
    texts = [*project["dependencies"]]
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    for requirement in map(Requirement, texts):
        if canonicalize_name(requirement.name) == project["name"]:
            yield from direct_requirements({**project, "dependencies": []}, tuple(sorted(requirement.extras)))
        else:
            yield requirement


def requirements_of_installed(requirement: Requirement) -> Iterator[Requirement]:
    """Yield what an installed package requires here, with the extras of ``requirement``; else nothing."""
    try:
        texts = requires(requirement.name) or ()
    except PackageNotFoundError:
        return
    for inner in map(Requirement, texts):
        marker = inner.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)):
            inner.marker = None
            yield inner


def with_missing(constraints: str, lock: str) -> str:
    """Return the constraints with the versions of the packages that only the lock has."""
    known = locked_packages(constraints)
    lines = constraints.splitlines()
    comments, pins = [x for x in lines if x.startswith("#")], [x for x in lines if x and x[0] != "#"]
    pins += [f"{name}=={entry.version}" for name, entry in locked_packages(lock).items() if name not in known]
    return "\n".join([*comments, *sorted(pins, key=str.lower)]) + "\n"


def main() -> int:
    """Print the problems of this working copy; return the exit code. ``--pin`` only adds missing versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    path = ROOT / "scripts" / "constraints.txt"
    constraints = path.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--pin"]:
        lock = (ROOT / "scripts" / "locks" / "dev.txt").read_text(encoding="utf-8")
        path.write_text(with_missing(constraints, lock), encoding="utf-8")
        return 0
    files = (ROOT / "scripts" / "locks").glob("*.txt")
    found = sorted(problems(project, constraints, {f.stem: f.read_text(encoding="utf-8") for f in files}))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
