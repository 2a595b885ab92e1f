"""Checks from outside what a login needs, before a user tries it. No check changes anything.

- ``check_results``: the result of a check
- ``examination``: all checks of the host and of the requested partners, in parallel
- ``host``: checks of the server and the realm
- ``egress``: whether Keycloak can reach a private address
- ``probe``: what the checks of all protocols share
- ``oauth``, ``client_authentication``, ``id_tokens``: OpenID Connect and OAuth 2.0
- ``saml``, ``saml_messages``, ``certificates``: SAML 2.0
- ``deployed_secrets``: the client secrets that a check may send
- ``fetching``: requests to partner URLs; it refuses private addresses and redirects
- ``deadline``: one deadline for all requests of a check
- ``pinned_connections``: the same addresses for the browser of a test login
- ``login_test``: one test login through the realm
- ``login_recorder``, ``direct_sign_in``: what the test login received
- ``guided``, ``observed_browser``: a test login in the user's own browser

Import from the modules.
"""

__all__ = ()
