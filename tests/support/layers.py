"""The rooms of partnergate: what each holds and which rooms it may import.

This is the only place that lists them. The layer test checks the imports against it, and the table in
``docs/architecture.md`` is generated from it by ``scripts/generate``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from import_graph import PACKAGE, module_graph, modules

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
BEGIN = "<!-- rooms: generated from tests/support/layers.py -->"
END = "<!-- rooms: end -->"
EVERYWHERE = ("canonical_json", "diagnostics", "errors", "safe_text", "strict_json", "wording")
"""Rooms that every other room may import."""
EDGE_MODULES = frozenset(
    [
        "requests",
        "keycloak",
        "sqlalchemy",
        "sqlite3",
        "psycopg",
        "fastapi",
        "uvicorn",
        "httpx",
        "subprocess",
        "socket",
        "random",
        "logging",
        "rich",
        "click",
    ]
)
"""Libraries that a pure room may not import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A package, a sub-package or a module whose imports are restricted."""

    name: str
    """Dotted, without ``partnergate``. A module belongs to the room with the longest matching name."""
    holds: str
    may_import: str = ""
    """Names separated by spaces, besides the room itself and ``EVERYWHERE``."""
    pure: bool = False
    """Whether it may use neither network, database, clock, environment nor console."""
    unrestricted: bool = False
    """Whether it may import every room."""

    @property
    def imports(self) -> tuple[str, ...]:
        """What ``may_import`` lists."""
        return tuple(self.may_import.split())


LISTED = (
    Room(name="diagnostics", holds="a problem in a file: code, severity, message, span, hint"),
    Room(
        name="errors",
        holds="the exceptions for operational failures",
        may_import="diagnostics safe_text",
    ),
    Room(name="canonical_json", holds="the canonical JSON of RFC 8785, over which hashes and seals are made"),
    Room(name="strict_json", holds="the decoder of JSON that another party wrote", may_import="safe_text"),
    Room(name="safe_text", holds="text of other parties made safe for terminals and spreadsheets"),
    Room(name="type_schema", holds="JSON Schemas of written formats, derived from their dataclasses"),
    Room(name="wording", holds="numbers, plurals and lists in messages"),
    Room(name="private_files", holds="files that only their owner can read"),
    Room(name="confined_files", holds="files below one directory, opened without following links"),
    Room(name="process_tuning", holds="settings of the interpreter, each with its reason"),
    Room(
        name="model",
        holds="values without behavior of their own: partner, agreement, environment, days, instants, currency",
        pure=True,
    ),
    Room(name="language.codes", holds="the catalog of diagnostic codes and a page for each"),
    Room(
        name="language.report",
        holds="collects the diagnostics of one run",
        may_import="language.codes",
    ),
    Room(
        name="language.text",
        holds="YAML text to nodes with positions",
        may_import="language.codes language.report",
    ),
    Room(
        name="language.shape",
        holds="the kinds of keys and values, their JSON schema and reference",
        may_import="language.codes language.report language.text type_schema",
    ),
    Room(
        name="language",
        holds="partner files and realm templates: text to values, the rules, the diagnostics",
        may_import="language.codes language.report language.text language.shape "
        "pricing.models metering.aggregates realm.mappers model",
    ),
    Room(
        name="realm.mappers",
        holds="one file per kind of identity provider mapper: desired, imported, explained",
        may_import="language.text language.shape language.report model",
        pure=True,
    ),
    Room(
        name="realm",
        holds="resources of a realm, the desired state, normalization, ownership marks",
        may_import="realm.mappers model",
        pure=True,
    ),
    Room(
        name="planning",
        holds="the diff, changes, plan, stages, safety, the plan file",
        may_import="realm realm.mappers language type_schema model",
        pure=True,
    ),
    Room(
        name="applying",
        holds="applies a plan through ports",
        may_import="planning realm realm.mappers model",
    ),
    Room(name="signin", holds="launch, hand-off and onboarding decisions", may_import="model", pure=True),
    Room(name="login", holds="a login over plain HTTP, without a browser window"),
    Room(name="client", holds="the client with which a host's Python product sends usage events"),
    Room(
        name="events",
        holds="login events as they were read",
        may_import="model",
    ),
    Room(
        name="attribution",
        holds="which partner a session and a usage event belong to",
        may_import="events model",
        pure=True,
    ),
    Room(
        name="metering.aggregates",
        holds="one file per aggregate of a usage meter",
        may_import="language.text language.shape language.report model",
        pure=True,
    ),
    Room(
        name="metering",
        holds="usage events, meters, quantities",
        may_import="metering.aggregates attribution events model",
        pure=True,
    ),
    Room(
        name="pricing.models",
        holds="one file per price model: value, keys, checks, steps, wording",
        may_import="language.text language.shape language.report model",
        pure=True,
    ),
    Room(
        name="pricing",
        holds="quantities and agreements to amounts",
        may_import="pricing.models metering metering.aggregates language "
        "language.text language.shape language.report type_schema model",
        pure=True,
    ),
    Room(
        name="statements",
        holds="the life of a statement, its seal, corrections, reconciliation",
        may_import="pricing pricing.models metering metering.aggregates attribution events type_schema model",
        pure=True,
    ),
    Room(
        name="audit",
        holds="who did what and when: a chain of entries, its check, and its file",
        may_import="statements model",
        pure=True,
    ),
    Room(
        name="keycloak",
        holds="the only code that talks to Keycloak",
        may_import="applying planning realm realm.mappers events model private_files confined_files",
    ),
    Room(
        name="store",
        holds="the only code that talks to the database",
        may_import="audit statements pricing pricing.models metering metering.aggregates attribution events "
        "signin model private_files",
    ),
    Room(
        name="doctor",
        holds="checks from outside what a login needs",
        may_import="keycloak login planning realm signin language model",
    ),
    Room(
        name="rendering",
        holds="plans, diagnostics, findings and statements as text, HTML, CSV, JSON and PDF",
        may_import="doctor signin applying planning realm realm.mappers statements "
        "pricing pricing.models metering metering.aggregates model",
    ),
    Room(
        name="service",
        holds="the sidecar: API, portal, launch, background loops",
        may_import="audit doctor rendering keycloak store signin statements pricing "
        "metering attribution events model process_tuning",
    ),
    Room(
        name="devstack",
        holds="real servers on loopback for the demo and the tests",
        may_import="private_files",
    ),
    Room(
        name="playground",
        holds="what the demo shows: the partners' identity providers, the host's product",
        may_import="devstack keycloak store login pricing attribution language model private_files",
    ),
    Room(name="cli", holds="one command per file", unrestricted=True),
)
"""In order from low to high. A sub-room takes effect as soon as its folder exists."""


def _exists(name: str) -> bool:
    return f"{PACKAGE}.{name}" in modules()


@cache
def rooms() -> dict[str, Room]:
    """Each room that exists, by its name."""
    return {room.name: room for room in LISTED if _exists(room.name)}


def room_of(module: str) -> str:
    """The room of a module; empty for the package itself. Raises ``KeyError`` for an unlisted package."""
    inside = module.removeprefix(PACKAGE).removeprefix(".")
    if not inside:
        return ""
    if inside == "__main__":
        return "cli"
    found = inside
    while found not in rooms():
        if "." not in found:
            raise KeyError(module)
        found = found.rpartition(".")[0]
    return found


def allowed(room: Room) -> frozenset[str]:
    """Every room that the room may import, itself included."""
    if room.unrestricted:
        return frozenset(rooms())
    return frozenset((room.name, *room.imports, *(e for e in EVERYWHERE if room.name not in EVERYWHERE)))


def room_graph() -> dict[str, frozenset[str]]:
    """Room -> the rooms that its modules import."""
    found: dict[str, set[str]] = {name: set() for name in rooms()}
    for module, targets in module_graph().items():
        if room := room_of(module):
            found[room] |= {room_of(target) for target in targets} - {room, ""}
    return {name: frozenset(targets) for name, targets in found.items()}


def table() -> str:
    """The rooms as a Markdown table, followed by the list of pure rooms."""
    everywhere = ", ".join(f"`{name}`" for name in EVERYWHERE if _exists(name))
    lines = [
        f"| room | holds | may import, besides {everywhere} |",
        "| --- | --- | --- |",
        *(f"| `{room.name}` | {room.holds} | {_imports(room)} |" for room in rooms().values()),
        "",
        f"Pure rooms: {', '.join(f'`{room.name}`' for room in rooms().values() if room.pure)}.",
    ]
    return "\n".join(lines)


def _imports(room: Room) -> str:
    if room.unrestricted:
        return "every room"
    return ", ".join(f"`{name}`" for name in room.imports if _exists(name)) or "none"


def architecture_page(text: str) -> str:
    """``text`` with the table between its two markers written anew."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        message = f"{PAGE.name} has no {BEGIN} ... {END}"
        raise ValueError(message)
    return pattern.sub(lambda _: f"{BEGIN}\n\n{table()}\n\n{END}", text)


def current_page() -> str:
    """``docs/architecture.md`` with the current table."""
    return architecture_page(PAGE.read_text(encoding="utf-8"))
