"""What each kind of identity-provider mapper declares about itself.

A kind knows Keycloak's type names, the mappers that a partner needs, how a mapper is imported into
a partner file, and how it is explained to a reader. It knows nothing of resources or of HTTP: a
mapper is a name, a Keycloak type and a config.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, assert_never

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from partnergate.language.shape.collections import Key
    from partnergate.model.partner import Identity, PartnerSpec, ProviderSpec

SignIn = OidcSignIn | SamlSignIn | Oauth2SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapper:
    """One mapper of a provider, desired or read from a realm."""

    name: str
    """Unique among the mappers of its provider."""
    type: str
    """Keycloak's ``identityProviderMapper``."""
    config: Mapping[str, str]
    """Without ``syncMode``, which is the same for every mapper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperTypes:
    """Keycloak's type name per protocol; None where the protocol has no such mapper."""

    oidc: str | None
    saml: str | None
    oauth2: str | None

    @classmethod
    def any_protocol(cls, name: str) -> MapperTypes:
        """One type that every protocol shares."""
        return cls(oidc=name, saml=name, oauth2=name)

    @classmethod
    def claims_or_attributes(cls, *, claims: str, attributes: str) -> MapperTypes:
        """One type for the protocols with claims, another for SAML attributes."""
        return cls(oidc=claims, saml=attributes, oauth2=claims)

    def names(self) -> frozenset[str]:
        """Every Keycloak type of the kind."""
        return frozenset(name for name in (self.oidc, self.saml, self.oauth2) if name)

    def named(self, protocol: str) -> str | None:
        """The type for ``oidc``, ``saml`` or ``oauth2``."""
        return {"oidc": self.oidc, "saml": self.saml, "oauth2": self.oauth2}[protocol]

    def for_sign_in(self, sign_in: SignIn) -> str:
        """The type for the protocol of a provider. Raises ``LookupError`` when the protocol has none."""
        match sign_in:
            case OidcSignIn():
                name = self.oidc
            case SamlSignIn():
                name = self.saml
            case Oauth2SignIn():
                name = self.oauth2
            case _ as never:
                assert_never(never)
        if name is None:
            raise LookupError(f"no mapper of this kind for {type(sign_in).__name__}")
        return name


NO_TYPES: Final = MapperTypes(oidc=None, saml=None, oauth2=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExpressible:
    """The mapper exists in the realm, and no partner file can declare it."""

    reason: str


class TargetKind(StrEnum):
    """What a partner file lets a mapper set."""

    USER_ATTRIBUTE = "user attribute"
    ROLE = "role"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperTarget:
    """One thing that a partner file lets a mapper set."""

    kind: TargetKind
    name: str
    path: tuple[str | int, ...]
    """Where the file names it, below ``identity``."""
    unconditional: bool = False
    """Whether every user of the partner gets it, whatever the partner asserts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityKey:
    """A key below ``identity``, and its checked value as the field of the same name of ``Identity``."""

    key: Key
    typed: Callable[[Any], object]
    """Takes None when the file does not have the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """What ``docs/mappers.md`` shows about a kind."""

    summary: str
    """What the mappers do and why, one or two sentences."""
    example: str
    """The part of a partner file that results in such a mapper."""
    protocol: str = "oidc"
    """The protocol of the example: ``oidc``, ``saml`` or ``oauth2``."""


def _no_targets(_identity: Identity) -> Iterator[MapperTarget]:
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class MapperKind:
    """Everything about one kind of mapper."""

    title: str
    types: MapperTypes
    desired: Callable[[MapperTypes, PartnerSpec, ProviderSpec], Iterable[Mapper]]
    """The mappers of this kind that a provider needs."""
    imported: Callable[[Mapper], Mapping[str, Any] | NotExpressible]
    """The part of ``identity`` in a partner file that results in this mapper.

    Empty when every partner has the mapper anyway.
    """
    explained: Callable[[Mapper], str]
    """What the mapper does, as the predicate of a sentence: ``grants the role ...``."""
    documentation: Documentation
    also_imported: MapperTypes = NO_TYPES
    """Other types that an import reads as this kind, which creates mappers only of ``types``."""
    sets: TargetKind | None = None
    """What mappers of this kind set by the choice of a partner file; None for nothing."""
    targets: Callable[[Identity], Iterator[MapperTarget]] = _no_targets
    """Every target that a partner file names for mappers of this kind, all of the kind ``sets``."""
    keys: tuple[IdentityKey, ...] = ()
    """Keys that only mappers need. Kinds may share one."""
    always_present: bool = False
    """Whether every partner has the mapper, so that no file can leave it out."""
