"""The hand-off sheet as text for a terminal, as Markdown for an email or a ticket, and as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from partnergate.rendering.plain_text import cell
from partnergate.safe_text import json_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from partnergate.signin.handoff import Handoff, ProviderHandoff

_PROTOCOLS: Final = {"oidc": "OpenID Connect", "saml": "SAML 2.0", "oauth2": "OAuth 2.0"}
_LAUNCH: Final = "Your button or link opens"


def title(sheet: Handoff) -> str:
    """The heading of the sheet in every format."""
    return f"{sheet.name}: sign-in to {sheet.environment}"


def protocol_name(provider: ProviderHandoff) -> str:
    """The display name of the protocol."""
    return _PROTOCOLS[provider.protocol]


def handoff_text(sheet: Handoff) -> Group:
    """The sheet for a terminal; each value is complete and on its own line, so that it can be copied.

    Print it with ``crop=False``.
    """
    parts: list[RenderableType] = [Text(title(sheet), style="bold")]
    if sheet.launch_url:
        parts += [Text(f"\n{_LAUNCH}"), _value(sheet.launch_url)]
    for provider in sheet.providers:
        parts += ["", Rule(f"{protocol_name(provider)} ({provider.alias})", align="left")]
        for setting in provider.settings:
            note = f"  ({setting.note})" if setting.note else ""
            parts += [
                Text(f"{setting.label}{note}"),
                _value(setting.value),
            ]
        claims = Table("claim", "needed", "what for", box=None, pad_edge=False, header_style="bold")
        for claim in provider.claims:
            claims.add_row(cell(claim.name), "yes" if claim.required else "no", cell(claim.purpose))
        parts += ["", claims]
    return Group(*parts)


def _value(text: str) -> Text:
    return Text(f"  {text}", style="cyan", no_wrap=True, overflow="ignore")


def handoff_markdown(sheet: Handoff) -> str:
    """For a ticket or a mail."""
    lines = [f"# {_escaped(title(sheet))}", ""]
    if sheet.launch_url:
        lines += [f"{_LAUNCH} `{sheet.launch_url}`.", ""]
    for provider in sheet.providers:
        lines += [f"## {protocol_name(provider)} (`{provider.alias}`)", ""]
        lines += ["| setting | value |", "| --- | --- |"]
        lines += [
            f"| {_escaped(s.label)} | `{s.value}` {_escaped(s.note)}".rstrip() + " |"
            for s in provider.settings
        ]
        lines += ["", "| claim | needed | what for |", "| --- | --- | --- |"]
        lines += [
            f"| `{c.name}` | {'yes' if c.required else 'no'} | {_escaped(c.purpose)} |"
            for c in provider.claims
        ]
        lines.append("")
    return "\n".join(lines)


def handoff_json(sheet: Handoff) -> str:
    """The sheet with a format version, for a partner's own automation."""
    return json_text({"format_version": 1} | dataclasses.asdict(sheet))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
