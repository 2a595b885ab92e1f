"""Hostile input ends in a diagnostic, within bounds, never in a traceback."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from code_examples import TODAY, WORKSPACE

from partnergate.spec.environment import HostClient, RealmSpec
from partnergate.spec.folder import READ_LIMIT, Folder, read_folder
from partnergate.spec.model import EnvironmentName, SourceFile
from partnergate.spec.nodes import Loader, _SlowLoader, compose
from partnergate.spec.recorded.metadata import METADATA_LIMIT, parsed_metadata
from partnergate.spec.report import Report
from partnergate.spec.rules.realms import exact_origins
from partnergate.spec.validation import validated

FILE = PurePosixPath("partners/acme.yaml")
BOMB = "a: &a [x, x]\n" + "".join(
    f"{n}: &{n} [*{p}, *{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "ten_megabytes": (b"a: [" + b"1," * 5_000_000 + b"]", "PG003"),
    "deep_flow": (b"[" * 100_000, "PG005"),
    "deep_braces": (b"{a: " * 20_000, "PG005"),
    "deep_block": (b"".join(b" " * n + b"a:\n" for n in range(600)), "PG005"),
    "deep_compact_lists": (b"- " * 20_000 + b"a", "PG005"),
    "shallow_enough_for_c_too_deep_for_us": (b"name: " + b"[" * 150 + b"]" * 150, "PG005"),
    "alias_bomb": (BOMB.encode(), "PG006"),
    "anchor_alone": (b"name: &a Acme\n", "PG006"),
    "python_tag": (b"name: !!python/object/apply:os.system ['true']\n", "PG007"),
    "verbatim_tag": (b"name: !<tag:yaml.org,2002:str> Acme\n", "PG007"),
    "directive": (b"%YAML 1.1\n---\nname: Acme\n", "PG010"),
    "two_documents": (b"name: Acme\n---\nname: Other\n", "PG010"),
    "empty": (b"", "PG010"),
    "comment_only": (b"# nothing\n", "PG010"),
    "nul": (b"name: Ac\x00me\n", "PG002"),
    "escape": (b"name: Ac\x1bme\n", "PG002"),
    "right_to_left": ("name: Ac\u202eme\n".encode(), "PG002"),
    "utf16": ("name: Acme\n".encode("utf-16"), "PG001"),
    "utf32": ("name: Acme\n".encode("utf-32"), "PG001"),
    "latin1": ("name: Äcme\n".encode("latin-1"), "PG001"),
    "overlong": (b"name: \xc0\xaf\n", "PG001"),
    "surrogate": (b"name: \xed\xa0\x80\n", "PG001"),
    "merge": (b"<<: {name: Acme}\n", "PG009"),
    "duplicate": (b"name: Acme\nname: Other\n", "PG008"),
    "list_as_key": (b"? [a]\n: b\n", "PG011"),
    "tab": (b"name:\n\tAcme: b\n", "PG004"),
    "unclosed": (b'name: "Acme\n', "PG004"),
    "scalar_document": (b"partnergate\n", "PG014"),
    "list_document": (b"- partnergate\n", "PG014"),
}


def codes(content: bytes) -> set[str]:
    base = read_folder(WORKSPACE)
    folder = Folder(partners={"acme.yaml": content[:READ_LIMIT]}, templates=base.templates)
    return {d.code for d in validated(folder, today=TODAY, variables={})}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_diagnostic(name):
    content, code = HOSTILE[name]
    assert code in codes(content)


@pytest.mark.parametrize("loader", [Loader, _SlowLoader])
def test_both_loaders_give_the_same_tree(loader, monkeypatch):
    """Where PyYAML has no libyaml, positions and values are the same."""
    text = (WORKSPACE / "partners/acme.yaml").read_text()
    monkeypatch.setattr("partnergate.spec.nodes.Loader", loader)
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


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
        b"<a>" * 5000,
        b"<a" + b" b='c'" * 10,
        b"\x00",
        b"",
        "<a/>".encode("utf-16")[:5],
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
        b"x" * (METADATA_LIMIT + 1),
        b"<a><b/></a>",
    ],
)
def test_hostile_metadata_is_refused_in_words(content):
    with pytest.raises(ValueError, match=r"\w"):
        parsed_metadata(content)


def test_a_secret_is_never_shown_in_the_excerpt():
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
def test_an_address_that_cannot_be_taken_apart_is_a_diagnostic(key, url):
    base = read_folder(WORKSPACE)
    lines = base.partners["acme.yaml"].decode().splitlines()
    changed = [f'  {key}: "{url}"' if line.startswith(f"  {key}:") else line for line in lines]
    assert changed != lines
    folder = Folder(partners={"acme.yaml": "\n".join(changed).encode()}, templates=base.templates)
    assert "PG123" in {d.code for d in validated(folder, today=TODAY, variables={})}


@pytest.mark.parametrize("url", UNREADABLE)
def test_an_origin_that_cannot_be_taken_apart_is_a_finding(url):
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
