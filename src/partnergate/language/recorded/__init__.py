"""Documents that partners publish about their identity providers, recorded next to the partner file.

- ``discovery``: OpenID configuration.
- ``metadata``: SAML metadata.
- ``filling``: merges recorded values under the values of the partner file.

Import the modules directly.
"""

__all__ = ()
