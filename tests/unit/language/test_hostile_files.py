"""Hostile input causes a diagnostic within resource limits, never a traceback."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from builders.code_examples import TODAY, WORKSPACE
from builders.valid_partner_files import OIDC
from hostile.texts import HOSTILE, HOSTILE_METADATA
from partnergate.language.folder import READ_LIMIT, Folder, read_folder
from partnergate.language.recorded.metadata import parsed_metadata
from partnergate.language.report import Report
from partnergate.language.rules.realms import exact_origins
from partnergate.language.text.nodes import Loader, _SlowLoader, compose
from partnergate.language.validate import validated
from partnergate.model.environment import HostClient, RealmSpec
from partnergate.model.partner import EnvironmentName, SourceFile

FILE = PurePosixPath("partners/acme.yaml")


def codes(content: bytes) -> set[str]:
    base = read_folder(WORKSPACE)
    folder = Folder(partners={"acme.yaml": content[:READ_LIMIT]}, templates=base.templates)
    return {d.code for d in validated(folder, today=TODAY, variables={})}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_diagnostic(name):
    content, code = HOSTILE[name]
    assert code in codes(content)


@pytest.mark.parametrize("loader", [Loader, _SlowLoader])
def test_both_loaders_produce_the_same_tree(loader, monkeypatch):
    """Positions and values are the same if PyYAML has no libyaml."""
    text = (WORKSPACE / "partners/acme.yaml").read_text()
    monkeypatch.setattr("partnergate.language.text.nodes.Loader", loader)
    tree = compose(text, FILE, Report())
    flat = [(e.key.text, e.key.start.line, e.key.start.column, e.key.plain) for e in tree.entries.values()]
    assert flat == [
        ("partnergate", 0, 0, True),
        ("partner", 1, 0, True),
        ("name", 2, 0, True),
        ("stage", 3, 0, True),
        ("contacts", 4, 0, True),
        ("sign_in", 6, 0, True),
        ("identity", 15, 0, True),
        ("agreement", 18, 0, True),
    ]


@pytest.mark.parametrize("name", HOSTILE_METADATA)
def test_hostile_metadata_is_rejected_with_a_reason(name):
    with pytest.raises(ValueError, match=r"\w"):
        parsed_metadata(HOSTILE_METADATA[name])


def test_a_secret_is_masked_in_the_source_line():
    base = read_folder(WORKSPACE)
    text = base.partners["acme.yaml"].decode()
    secret = "correct-horse-battery"
    for line in (
        f"client_secret: {secret}",
        f"clientSecret: {secret}",
        f"client_secret: {{value: {secret}}}",
    ):
        changed = text.replace("client_secret: {vault: acme-client-secret}", line)
        folder = Folder(partners={"acme.yaml": changed.encode()}, templates=base.templates)
        found = validated(folder, today=TODAY, variables={})
        assert any(d.code == "PG101" for d in found), line
        assert all(secret not in d.source_line + d.message + d.hint for d in found), line


UNREADABLE = (
    "https://[::1/",
    "https://login.acme.example:99999/",
    "https://login.acme.example:x/",
    "https://]/",
)


@pytest.mark.parametrize("url", UNREADABLE)
@pytest.mark.parametrize("key", ["issuer", "authorization_url", "token_url", "jwks_url"])
def test_an_unparsable_url_is_a_diagnostic(key, url):
    base = read_folder(WORKSPACE)
    lines = base.partners["acme.yaml"].decode().splitlines()
    changed = [f'  {key}: "{url}"' if line.startswith(f"  {key}:") else line for line in lines]
    assert changed != lines
    folder = Folder(partners={"acme.yaml": "\n".join(changed).encode()}, templates=base.templates)
    assert "PG123" in {d.code for d in validated(folder, today=TODAY, variables={})}


@pytest.mark.parametrize("url", UNREADABLE)
def test_an_unparsable_origin_is_a_finding(url):
    client = HostClient(client_id="web", redirect_uris=(), web_origins=(url.removesuffix("/"),))
    source = SourceFile(path=FILE, sha256="")
    realm = RealmSpec(
        environment=EnvironmentName("production"),
        server_url="https://id.host.example",
        realm="host",
        stages=(),
        source=source,
        clients=(client,),
    )
    assert [finding.path[-2:] for finding in exact_origins(realm)] == [("web_origins", 0)]


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "3000-01-01", "9999-12-31"])
@pytest.mark.parametrize("key", ["effective: 2026-10-01", "since: 2026-10-01", "until: 2026-12-31"])
def test_dates_that_cannot_be_computed_with_are_diagnostics(key, day):
    """Around the first and the last year, time zones and periods overflow."""
    text = OIDC + "test_users: [{since: 2026-10-01, until: 2026-12-31, subjects: [robot]}]\n"
    assert key in text
    assert "PG018" in codes(text.replace(key, f"{key.partition(':')[0]}: {day}").encode())


@pytest.mark.parametrize(
    ("written", "replaced", "code"),
    [
        ("partner: acme\n", 'partner: "acme\\n"\n', "PG023"),
        ("grant: workspace-admin", 'grant: "realm-management.realm-admin\\n"', "PG126"),
        ("name: workspace-admin", 'name: "realm-admin\\n"', "PG023"),
        ("realm: host\n", 'realm: "master\\n"\n', "PG023"),
    ],
)
def test_a_line_break_at_the_end_does_not_pass_a_pattern(written, replaced, code):
    """In Python, ``$`` also matches before it: an admin role or the realm master would have another name."""
    base = read_folder(WORKSPACE)
    partner = OIDC.replace("identity:", "identity:\n  roles: [{grant: workspace-admin}]", 1)
    templates = {name: text.decode() for name, text in base.templates.items()}
    assert any(written in text for text in (partner, *templates.values())), written
    folder = Folder(
        partners={"acme.yaml": partner.replace(written, replaced).encode()},
        templates={name: text.replace(written, replaced).encode() for name, text in templates.items()},
    )
    assert code in {d.code for d in validated(folder, today=TODAY, variables={})}
