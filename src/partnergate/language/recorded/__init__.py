"""Documents that partners publish about their identity providers, recorded next to the partner file.

- ``discovery``: OpenID configuration.
- ``metadata``: SAML metadata.
- ``discovery_limits``, ``metadata_limits``: what the partner publishes, compared with the partner file.
- ``filling``: merges recorded values under the values of the partner file.

Import the modules directly.
"""

__all__ = ()
