"""Values without behavior of their own.

- ``partner``: partners, providers, and claim mappings.
- ``agreement``: commercial terms.
- ``environment``: realms of the host.
- ``workspace``: one environment and its partners.
- ``deployment``: which partners an environment contains.
- ``launch_client``: the Keycloak client of the launch service.
- ``certificates``: properties of X.509 certificates.
- ``currency``: ISO 4217 currencies.
- ``days``, ``instants``: local days and numeric instants.
- ``decimals``: the exact decimal context of quantities and money.
- ``event_data``: values in the data of a usage event.

Import the modules directly.
"""

__all__ = ()
