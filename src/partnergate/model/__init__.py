"""Values without behavior of their own.

- ``partner``: partners, providers, and claim mappings.
- ``secret_names``: the names of secrets, each of which belongs to one partner.
- ``agreement``: commercial terms.
- ``environment``: realms of the host.
- ``workspace``: one environment and its partners.
- ``deployment``: which partners an environment contains.
- ``launch_client``: the Keycloak client of the launch service.
- ``public_hosts``: which host names and addresses are public.
- ``certificates``: properties of X.509 certificates.
- ``currency``: ISO 4217 currencies.
- ``days``, ``instants``: local days and numeric instants.
- ``decimals``: the exact decimal context of quantities and money.
- ``event_data``: values in the data of a usage event.
- ``written_text``: limits and allowed characters of text that another party writes.

Import the modules directly.
"""

__all__ = ()
