"""The kinds of sign-in that a rule applies to.

Rules are registered with their kinds. Running every rule on every provider would take ten percent longer.
"""

from __future__ import annotations

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn

Kinds = tuple[type[OidcSignIn | Oauth2SignIn | SamlSignIn], ...]

SAML: Kinds = (SamlSignIn,)
OIDC: Kinds = (OidcSignIn,)
CODE: Kinds = (OidcSignIn, Oauth2SignIn)
ANY: Kinds = (OidcSignIn, Oauth2SignIn, SamlSignIn)
