"""The headless login that the doctor and the test login use: plain HTTP, without a browser window.

- ``http_login``: from the authorization URL to verified tokens, refresh, logout
- ``browser``: redirects, login forms and SAML posts
- ``pages``: forms and messages of a page
- ``cookies``: the cookie jar

Import from the modules.
"""

__all__ = ()
