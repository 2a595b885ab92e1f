"""The text of ``docs/mappers.md``, made from the kinds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.mappers.mapper_kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.realm.mappers.kind import MapperKind

_INTRODUCTION = """\
This page is for authors and reviewers of partner files.
It lists the identity-provider mappers that partnergate manages in Keycloak, and the keys that result in each.

A plan deletes a mapper of any other type below a provider that partnergate owns.
`partnergate import` leaves such a mapper out of the partner file and lists its deletion in the draft.
It also leaves out a grant whose condition a file cannot express exactly, and lists the condition."""


def mappers_page(generated: str) -> str:
    """The page; ``generated`` is the comment that marks generated files."""
    lines = ["# Mappers", "", generated, "", *_INTRODUCTION.splitlines()]
    for kind in KINDS:
        lines += ["", *_section(kind)]
    return "\n".join(lines) + "\n"


def _section(kind: MapperKind) -> Iterator[str]:
    yield f"## {kind.title}"
    yield ""
    yield from kind.documentation.summary.replace(". ", ".\n").splitlines()
    yield ""
    yield "| protocol | Keycloak type |"
    yield "| --- | --- |"
    named = (("oidc", kind.types.oidc), ("saml", kind.types.saml), ("oauth2", kind.types.oauth2))
    yield from (f"| {protocol} | `{name}` |" for protocol, name in named if name)
    yield ""
    if others := sorted(kind.also_imported.names()):
        listed = " and ".join(f"`{name}`" for name in others)
        yield f"An import also reads {listed}, and adopting them creates mappers of the types above."
        yield ""
    yield "Every partner has it; no file can leave it out." if kind.always_present else "In a partner file:"
    yield ""
    yield from ("```yaml", "identity:", *_indented(kind.documentation.example), "```")


def _indented(example: str) -> Iterator[str]:
    return (f"  {line}" for line in example.splitlines())
