"""For any bytes, loading returns values and diagnostics with positions inside the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from partnergate.language.codes.catalog import CODES
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated

REPOSITORY = Path(__file__).parents[3]
BASE = read_folder(REPOSITORY / "tests/fixtures/diagnostics/workspace")
SHIPPED = [file.read_text() for file in sorted((REPOSITORY / "partners").glob("*.yaml"))]
WORDS = [
    "no", "~", "{}", "[]", "[", "}", "''", "2026-10-01", "1e400", "-0", "0x1F", ".nan", "${idp}", "${", "&a", "*a",
    "!!binary x", "|", ">", "? a", "- - -", "<<: {a: b}", "http://127.1/", "https://[::1", "https://a:99999/", "a: b: c",
    "{vault: a, env: B}", "{file: ../../etc/passwd}", "99999999999999999999", '"\\u0000"', '"\\ud800"', "\u2028",
    "1.5", "'1.5'", "true", "null", "{name: null}", "[null]", "[[a]]", "{? [a] : b}",
]  # fmt: skip


def problems(content: bytes, name: str = "acme.yaml"):
    folder = Folder(partners={**BASE.partners, name: content}, templates=BASE.templates)
    return validated(folder, today=date(2026, 11, 24), variables={})


def check_invariants(content: bytes) -> None:
    for found in problems(content):
        assert found.code in CODES
        assert found.span.line >= 1
        assert found.span.column >= 1
        assert found.span.end_column > found.span.column
        assert found.message


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A shipped file with some values, keys, and lines replaced, duplicated, removed, or moved."""
    lines = draw(st.sampled_from(SHIPPED)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["value", "drop", "double", "indent", "word", "key"])):
            case "value":
                lines[place] = lines[place].split(":")[0] + ": " + draw(st.sampled_from(WORDS))
            case "drop" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(place, lines[place])
            case "indent":
                lines[place] = " " * draw(st.integers(0, 8)) + lines[place].lstrip()
            case "word":
                start = draw(st.integers(0, len(lines[place])))
                lines[place] = lines[place][:start] + draw(st.sampled_from(WORDS)) + lines[place][start:]
            case "key":
                lines[place] = lines[place].replace(":", draw(st.sampled_from(["s:", " :", "::", "_: "])), 1)
    return "\n".join(lines).encode("utf-8", errors="surrogatepass")


SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.binary(max_size=400))
@SLOW
def test_any_bytes_are_handled(content):
    check_invariants(content)


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%#?,\n \t~<0123.$"), max_size=200))
@SLOW
@example("? - a\n: - b")
@example("{a: {? {a: b} : c}}")
def test_any_yaml_like_text_is_handled(content):
    check_invariants(content.encode())


@given(damaged())
@SLOW
@example(SHIPPED[0].replace("effective: 2026-10-01", "effective:").encode())
@example(SHIPPED[0].replace("charges:", "charges: []\n    x:").encode())
@example(SHIPPED[0].replace("agreement:", "agreement: {}\nx:").encode())
@example(SHIPPED[1].replace("environments:", "environments: [a]\nx:").encode())
@example(SHIPPED[1].replace("protocol: saml", "protocol: oidc").encode())
@example(SHIPPED[2].replace("  demo:", "  demo: ~\n  x:").encode())
def test_a_damaged_partner_file_is_handled(content):
    check_invariants(content)


@given(st.binary(max_size=300))
@SLOW
def test_any_recorded_document_is_handled(content):
    partner = BASE.partners["acme.yaml"].decode()
    partner = "\n".join(line for line in partner.splitlines() if "_url:" not in line)
    files = {"acme.yaml": partner.encode(), "acme.openid-configuration.json": content}
    validated(Folder(partners=files, templates=BASE.templates), today=date(2026, 11, 24), variables={})
    saml = (
        BASE.partners["globex.yaml"]
        .decode()
        .replace("metadata: {url", "metadata: {file: globex.idp-metadata.xml, url")
    )
    files = {"globex.yaml": saml.encode(), "globex.idp-metadata.xml": content}
    validated(Folder(partners=files, templates=BASE.templates), today=date(2026, 11, 24), variables={})


@given(st.permutations(sorted(name for name in BASE.partners if name.endswith(".yaml"))))
@settings(max_examples=10, deadline=None)
def test_the_order_of_files_does_not_matter(names):
    shuffled = {name: BASE.partners[name] for name in names}
    rest = {name: content for name, content in BASE.partners.items() if name not in shuffled}
    at = date(2026, 11, 24)
    first = validated(Folder(partners=BASE.partners, templates=BASE.templates), today=at, variables={})
    assert (
        validated(Folder(partners=rest | shuffled, templates=BASE.templates), today=at, variables={}) == first
    )
