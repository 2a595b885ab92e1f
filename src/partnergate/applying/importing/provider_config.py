"""Reads the config of a provider, which the server stores as text without any check."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnergate.realm.state import Resource


_LOOPBACK: Final = re.compile(r"http://(?:localhost|127(?:\.\d+){3}|\[::1\])(?=[:/]|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A value of the file that differs from what the provider has, and what that means for its logins."""

    key: str
    """Dotted path in the file: ``sign_in.pkce``."""
    found: str
    """What the provider has; empty when it has nothing."""
    written: str
    """What the file has; empty when it leaves the key out."""
    effect: str
    """What changes when the provider is adopted, and what to do before."""

    def __str__(self) -> str:
        return f"{self.key}: {self.written or 'left out'} instead of {self.found or 'nothing'}: {self.effect}"


def with_tls(address: str) -> str:
    """The address with HTTPS, unless it is one of this machine."""
    if not address.lower().startswith("http://") or _LOOPBACK.match(address):
        return address
    return f"https{address[4:]}"


@dataclass(slots=True)
class Config:
    """The config of one provider, and the adjustments that reading it needed."""

    provider: Resource
    adjustments: list[Adjustment] = field(default_factory=list)

    def text(self, key: str) -> str:
        """The value without surrounding spaces; empty when it is absent."""
        value = self.provider.fields.get(f"config.{key}")
        text = "" if value is None else str(value)
        # A lone surrogate cannot be written to a file.
        return text.encode("utf-8", "replace").decode("utf-8").strip()

    def address(self, key: str, file_key: str) -> str:
        """The value with HTTPS, which every address of a file needs except those of this machine."""
        found = self.text(key)
        secure = with_tls(found)
        if secure == found:
            return found
        effect = "the address is requested by HTTPS: check that the partner serves it"
        self.adjust(f"sign_in.{file_key}", found=found, written=secure, effect=effect)
        return secure

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Whether the value is ``true``, as Keycloak reads it: any other text means false."""
        text = self.text(key)
        return text.lower() == "true" if text else default

    def items(self, key: str, separator: str | None = ",") -> list[str]:
        """The parts of a list without duplicates; by default separated by commas, with None by spaces."""
        return list(dict.fromkeys(part.strip() for part in self.text(key).split(separator) if part.strip()))

    def adjust(self, key: str, *, found: str, written: str, effect: str) -> None:
        """Record that the file has another value."""
        self.adjustments.append(Adjustment(key=key, found=found, written=written, effect=effect))
