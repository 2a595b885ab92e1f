"""docker-compose.yml is valid, contains no secret, and has health checks and loopback ports only."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from partnergate.devstack.distribution import NEWEST
from partnergate.planning.advisories import advisories_for
from partnergate.planning.advisory_file import bundled_table

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "deploy" / "compose.env.example"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_the_file_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(compose)


def test_the_check_can_fail(compose: dict[str, Any]) -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text())
    broken = compose | {"services": compose["services"] | {"x": {"imagee": "typo"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validators.validator_for(schema)(schema).validate(broken)


def test_the_three_services_have_health_checks(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgresql", "keycloak", "sidecar"}
    assert all("healthcheck" in service for service in compose["services"].values())


def test_ports_are_published_on_loopback_only(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_every_secret_comes_from_the_environment_file(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY$", name):
                assert re.fullmatch(r"\$\{\w+:\?set it in compose\.env\}", value), name


def test_the_example_lists_every_variable_and_contains_no_secret() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    assert set(given) == used
    assert all(not value for name, value in given.items() if re.search(r"PASSWORD|SECRET|_KEY$", name))


def test_the_server_is_the_pinned_version(compose: dict[str, Any]) -> None:
    from partnergate.devstack.distribution import KEYCLOAK_VERSION
    from partnergate.devstack.keycloak import IMAGE

    tag, _, digest = compose["services"]["keycloak"]["image"].partition("@")
    assert tag == f"{IMAGE}:{KEYCLOAK_VERSION}"
    assert re.fullmatch("sha256:[0-9a-f]{64}", digest)


def test_the_pinned_server_has_no_vulnerability_that_an_update_would_remove(compose: dict[str, Any]) -> None:
    """What remains has no fixed release yet, or the deployed configuration prevents it."""
    version = compose["services"]["keycloak"]["image"].partition("@")[0].rpartition(":")[2]
    for pinned in {version, NEWEST.version}:
        found = advisories_for(pinned, bundled_table())
        assert [a.code for a in found if a.fixed and not a.mitigated_by] == []
    before = advisories_for("26.7.3", bundled_table())
    assert [a.code for a in before if a.fixed and not a.mitigated_by], "the check can fail"
