"""Each page about an identity provider has partner files without errors, and what a reader needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from builders.realms import realm_spec
from partnergate.diagnostics import Severity
from partnergate.language.load import load_partner
from partnergate.model.partner import SamlSignIn

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "partners"
METADATA = ROOT / "tests/fixtures/diagnostics/workspace/partners/globex.idp-metadata.xml"
VENDORS = sorted(path for path in PAGES.glob("*.md") if path.name != "README.md")


def partner_files(page: Path) -> list[str]:
    """Return the partner files on a page."""
    return re.findall(
        r"^```yaml\n(partnergate: 1\n.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def recorded(text: str) -> dict[str, bytes]:
    """Return a document for a file that takes its values from a recorded one."""
    sign_in = yaml.safe_load(text)["sign_in"]
    name = sign_in.get("metadata", {}).get("file")
    if name is None:
        return {}
    content = METADATA.read_text(encoding="utf-8")
    return {name: re.sub('entityID="[^"]*"', f'entityID="{sign_in["entity_id"]}"', content).encode()}


FILES = [
    pytest.param(page, text, id=f"{page.stem}-{number}")
    for page in VENDORS
    for number, text in enumerate(partner_files(page), start=1)
]


@pytest.mark.parametrize(("page", "text"), FILES)
def test_the_partner_file_of_a_page_has_no_errors_and_its_warnings_are_explained(
    page: Path, text: str
) -> None:
    spec, problems = load_partner(
        text,
        f"partners/{yaml.safe_load(text)['partner']}.yaml",
        realm=realm_spec(),
        recorded=recorded(text),
    )
    assert [f"{p.code} {p.message}" for p in problems if p.severity is Severity.ERROR] == []
    assert {p.code for p in problems} <= set(re.findall(r"PG[0-9]{3}", page.read_text(encoding="utf-8")))
    assert spec is not None
    (provider,) = spec.providers
    assert not isinstance(provider.sign_in, SamlSignIn) or provider.sign_in.want_assertions_signed


@pytest.mark.parametrize("page", VENDORS, ids=lambda page: page.stem)
def test_a_page_has_a_file_and_pitfalls_and_is_in_the_index(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert partner_files(page)
    assert "\n## Pitfalls\n" in text
    assert f"({page.name})" in (PAGES / "README.md").read_text(encoding="utf-8")


def test_a_provider_is_listed_as_tested_only_if_the_suite_runs_it() -> None:
    tested = re.findall(
        r"^\| \[[^]]*\]\(([a-z-]+)\.md\).*\| yes \|$", (PAGES / "README.md").read_text(), re.MULTILINE
    )
    programs = " ".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src/partnergate/devstack/identity_providers").glob("*.py")
    )
    assert {name for name in tested if name not in programs} == {"keycloak"}
