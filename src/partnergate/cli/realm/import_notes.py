"""The notes about an imported file: at its top, and in the output of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.rendering.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.cli.realm.import_repair import ImportedFile
    from partnergate.planning.changes import Change

_DIFFERENT: Final = "# Values that differ from the provider. Read each before you adopt it:\n"
_WAIVED: Final = "# Rules that the provider violates. Each has a waiver that needs an approver:\n"
_LEFT_OUT: Final = "# Parts that were left out, because no partner file can have them:\n"
_MAPPERS: Final = "# Mappers that were not imported, because no partner file can express them:\n"
_CHANGES: Final = "# A draft that differs from the existing provider. Adopting it would:\n"
_OWN_CHANGES: Final = "# The provider was changed in Keycloak. The next apply would:\n"
_LONGEST: Final = 400


def header(one: ImportedFile, changes: Iterable[str]) -> str:
    """The comment at the top of a partner file, the most important notes first."""
    titles = {
        "changed": _DIFFERENT,
        "waived": _WAIVED,
        "left out": _LEFT_OUT,
        "mapper not imported": _MAPPERS,
    }
    parts = [_part(titles[title], lines) for title, lines in notes(one)]
    return "".join((*parts, _part(_OWN_CHANGES if one.partner.owned else _CHANGES, changes)))


def notes(one: ImportedFile) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(title, lines) of what the file has otherwise than the provider."""
    yield "changed", _shown(str(adjustment) for adjustment in one.partner.adjustments)
    yield "waived", _shown(one.waived)
    yield "left out", _shown(one.left_out)
    mappers = (f"{left.name} ({left.type}): {left.reason}" for left in one.partner.not_imported)
    yield "mapper not imported", _shown(mappers)


def changed_lines(change: Change) -> Iterator[str]:
    """One change of a plan, and each of its fields with both values."""
    from partnergate.planning.changes import Adopt, Delete, Replace, Update
    from partnergate.realm.mappers.mapper_kinds import explained
    from partnergate.realm.representation.provider import mapper_of
    from partnergate.realm.state import ResourceKind
    from partnergate.rendering.plan.values import field_text

    what = f"{type(change).__name__.lower()} {change.key}"
    match change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields) if fields:
            yield _line(f"{what}:")
            yield from (_line(f"  {field_text(field)}") for field in fields)
        case Delete(actual=actual) if change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER:
            yield _line(f"{what}, which {explained(mapper_of(actual))}")
        case _:
            yield _line(what)


def _part(title: str, lines: Iterable[str]) -> str:
    body = "".join(f"#   {line}\n" for line in lines)
    return f"{title}{body}" if body else ""


def _shown(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(_line(line) for line in dict.fromkeys(lines))


def _line(text: str) -> str:
    shown = plain(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
