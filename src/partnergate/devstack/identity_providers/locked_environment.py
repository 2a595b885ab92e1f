"""An environment with exactly the files of a lock file, in the cache directory, installed once.

The installers of the registries verify the checksums. Every file of the lock must have one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from partnergate.devstack.cache import cache_directory, exclusive
from partnergate.errors import DevstackError

if TYPE_CHECKING:
    from pathlib import Path

    from partnergate.devstack.identity_providers.software import Software
    from partnergate.devstack.notice import Notice

_LAYOUT = "1"
"""Increase it when the installation changes."""
_SECONDS = 600


def locked_environment(software: Software, notice: Notice) -> Path:
    """The directory of the installed software. Raises ``DevstackError`` when it cannot be installed."""
    root = cache_directory() / "identity-providers" / f"{software.name}-{_key(software)}"
    with exclusive(root.with_suffix(".lock")):
        if not root.exists():
            notice.report(f"installing {software.name} from {software.registry} (once)")
            work = root.with_name(root.name + ".preparing")
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            if software.registry == "npm":
                _install_npm(software, work)
            else:
                _install_python(software, work)
            work.rename(root)
    return root


def command_of(software: Software, environment: Path) -> tuple[str, ...]:
    """The start of the command line that runs the provider's program in its environment."""
    if software.registry == "npm":
        return ("node", str(software.program))
    return (str(environment / "bin" / "python"), str(software.program))


def _key(software: Software) -> str:
    """What the installation depends on: the lock, and for Python the interpreter."""
    files = sorted(software.lock.iterdir()) if software.lock.is_dir() else [software.lock]
    digest = hashlib.sha256(_LAYOUT.encode())
    for file in files:
        digest.update(file.read_bytes())
    if software.registry == "pypi":
        digest.update(f"{sys.version_info[:2]} {sys.base_prefix}".encode())
    return digest.hexdigest()[:12]


def _install_python(software: Software, work: Path) -> None:
    """Create a virtual environment of this interpreter, and install the wheels of the lock.

    The pip of this interpreter installs them if it has one, because installing another pip takes longer.
    """
    python = str(work / "bin" / "python")
    if find_spec("pip"):
        _run(software, [sys.executable, "-m", "venv", "--without-pip", str(work)])
        pip = [sys.executable, "-m", "pip", "--python", python]
    else:
        _run(software, [sys.executable, "-m", "venv", str(work)])
        pip = [python, "-m", "pip"]
    options = ("--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes")
    wheels = ("--only-binary", ":all:", "--requirement", str(software.lock))
    _run(software, [*pip, "install", *options, *wheels])


def _install_npm(software: Software, work: Path) -> None:
    """Install what the lock file lists; no package runs a script."""
    for file in ("package.json", "package-lock.json"):
        shutil.copy(software.lock / file, work / file)
    _run(software, ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work)


def _run(software: Software, command: list[str], cwd: Path | None = None) -> None:
    run = subprocess.run(  # noqa: S603 - the installers of the registries
        command,
        cwd=cwd,
        env=os.environ | {"PIP_NO_INPUT": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if run.returncode != 0:
        raise DevstackError(
            f"{software.name} could not be installed:\n{(run.stdout + run.stderr)[-2000:]}",
            target=str(software.lock),
            advice="check the network and the configured registry, and run again",
        )
