"""Which kinds of sign-in a rule can say something about.

Rules are registered with them: asking every rule about every provider would take a tenth of the time
of a run.
"""

from __future__ import annotations

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn

Kinds = tuple[type[OidcSignIn | Oauth2SignIn | SamlSignIn], ...]

SAML: Kinds = (SamlSignIn,)
OIDC: Kinds = (OidcSignIn,)
CODE: Kinds = (OidcSignIn, Oauth2SignIn)
ANY: Kinds = (OidcSignIn, Oauth2SignIn, SamlSignIn)
