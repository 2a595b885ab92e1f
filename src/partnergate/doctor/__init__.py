"""Checks from outside what a login needs, before a user tries it. No check changes anything.

- ``check_results``: the result of a check
- ``examination``: all checks of the host and of the requested partners, in parallel
- ``host``: checks of the server and the realm
- ``probe``: what the checks of all protocols share
- ``oauth``, ``client_authentication``, ``id_tokens``: OpenID Connect and OAuth 2.0
- ``saml``, ``saml_messages``, ``certificates``: SAML 2.0
- ``fetching``: the only module that requests partner URLs; it refuses private addresses and redirects
- ``login_test``: one test login through the realm
- ``login_recorder``, ``direct_sign_in``: what the test login received
- ``guided``, ``observed_browser``: a test login in the user's own browser

Import from the modules.
"""

__all__ = ()
