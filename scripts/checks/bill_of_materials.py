"""Prints the CycloneDX bill of materials of what the image installs, as JSON.

Components, versions and hashes come from ``scripts/locks/image.txt``; licences and dependencies from the
metadata of the installed packages. The output is the same for the same commit.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from licences import LOCK, licences
from locks import LOCKS, ROOT, direct_requirements, locked_packages, requirements_of_installed
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_ENTRY: Final = re.compile(r"^(\S+?)==", re.MULTILINE)


def bill_of_materials() -> Bom:
    """Build the bill of the working copy."""
    text = LOCK.read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    program = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[LicenseExpression(project["license"])],
    )
    bom = Bom(serial_number=UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
    bom.metadata.component = program
    bom.metadata.timestamp = _committed()
    components = _components(text)
    bom.components.update(components.values())
    required = {requirement.name: requirement for requirement in direct_requirements(project, LOCKS["image"])}
    bom.register_dependency(program, _known(required.values(), components))
    for name, component in components.items():
        with_extras = required.get(name, Requirement(name))
        bom.register_dependency(component, _known(requirements_of_installed(with_extras), components))
    return bom


def _components(text: str) -> dict[str, Component]:
    found, expressions = locked_packages(text), licences()
    hashes = _hashes(text)
    return {
        name: Component(
            name=name,
            version=entry.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{name}@{entry.version}",
            purl=PackageURL("pypi", name=name, version=entry.version),
            licenses=[LicenseExpression(expressions[name])],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes[name]],
        )
        for name, entry in found.items()
    }


def _hashes(text: str) -> dict[str, list[str]]:
    """Package -> the SHA-256 of each of its files (source and wheels)."""
    starts = [*_ENTRY.finditer(text)]
    ends = [*(start.start() for start in starts[1:]), len(text)]
    return {
        canonicalize_name(start[1]): _HASH.findall(text, start.end(), end)
        for start, end in zip(starts, ends, strict=True)
    }


def _known(requirements: Iterable[Requirement], components: Mapping[str, Component]) -> list[Component]:
    names = {canonicalize_name(requirement.name) for requirement in requirements}
    return [components[name] for name in sorted(names) if name in components]


def _committed() -> datetime:
    """Return the time of the commit; the start of the epoch outside a repository."""
    command = ["git", "log", "-1", "--format=%ct"]  # git is on PATH where a release is made
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    return datetime.fromtimestamp(int(done.stdout.strip() or 0), UTC)


if __name__ == "__main__":
    sys.stdout.write(JsonV1Dot6(bill_of_materials()).output_as_string(indent=2) + "\n")
