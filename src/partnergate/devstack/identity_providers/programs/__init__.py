"""Programs that run in the environment of third-party software, not in the one of partnergate.

Each reads one JSON file, which ``third_party`` writes, and serves an identity provider on loopback.

- ``canaille_server``: OpenID Connect, a login in two steps and a consent page
- ``oauth_toolkit_server``: OAuth 2.0 without OpenID Connect, a consent page
- ``saml_server``: djangosaml2idp, SAML 2.0
- ``oidc_provider_server.mjs``: OpenID Connect, claims only from the user-info endpoint
"""

__all__ = ()
