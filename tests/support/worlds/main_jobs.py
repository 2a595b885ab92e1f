"""Runs of the main job that share a server: each in a copy of the workspace with its own realm names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from partnergate.playground.main_job import ENVIRONMENT, HOST_REALM, IDP_SUFFIX, MainJob, new_job

if TYPE_CHECKING:
    from partnergate.devstack import KeycloakServer

ROOT = Path(__file__).parents[3]
_COPIED = ("partners", "realm_templates")


def renamed_job(server: KeycloakServer, *, work: Path, app_url: str, suffix: str) -> MainJob:
    """A run in a copy of the repository's workspace whose realm names end with ``suffix``."""
    root = _renamed_copy(ROOT, work / "workspace", suffix)
    return new_job(server, root=root, work=work, app_url=app_url, idp_suffix=f"{IDP_SUFFIX}{suffix}")


def delete_realms(job: MainJob) -> None:
    """Delete the realms of the run, as far as they exist."""
    with job.connection() as server:
        for realm in (server.realm, *(idp.realm for idp in job.cast.idps.values())):
            if server.get_or_none(f"/admin/realms/{realm}") is not None:
                server.delete(f"/admin/realms/{realm}")


def _renamed_copy(root: Path, target: Path, suffix: str) -> Path:
    for name in _COPIED:
        shutil.copytree(root / name, target / name, dirs_exist_ok=True)
    for file in [*(target / "partners").glob("*.yaml"), target / "realm_templates" / f"{ENVIRONMENT}.yaml"]:
        text = file.read_text(encoding="utf-8")
        for partner_realm in ("acme", "globex", "initech"):
            text = text.replace(
                f"/realms/{partner_realm}{IDP_SUFFIX}", f"/realms/{partner_realm}{IDP_SUFFIX}{suffix}"
            )
        file.write_text(
            text.replace(f"realm: {HOST_REALM}", f"realm: {HOST_REALM}{suffix}"), encoding="utf-8"
        )
    return target
