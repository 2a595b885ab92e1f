"""Third-party identity providers on loopback, which play a partner in the tests.

Their software comes from the public registries by pinned versions and checksums, into the cache
directory, and runs in its own process and environment. Nothing of it is part of partnergate.

- ``software``: the pinned software of each provider, and its requirements on this machine
- ``locked_environment``: installs it, once for each lock file
- ``third_party``: a running provider with its users and one registered application
- ``programs``: what runs in those environments
- ``locks``: the versions and checksums
"""

from partnergate.devstack.identity_providers.software import (
    CANAILLE,
    DJANGO_OAUTH_TOOLKIT,
    DJANGOSAML2IDP,
    OIDC_PROVIDER,
    Software,
    missing_requirement,
)
from partnergate.devstack.identity_providers.third_party import (
    Application,
    ProviderUser,
    ThirdPartyProvider,
    third_party_provider,
)

__all__ = (
    "CANAILLE",
    "DJANGOSAML2IDP",
    "DJANGO_OAUTH_TOOLKIT",
    "OIDC_PROVIDER",
    "Application",
    "ProviderUser",
    "Software",
    "ThirdPartyProvider",
    "missing_requirement",
    "third_party_provider",
)
