"""Values without behavior of their own. They import nothing else of partnergate.

- ``partner``: a partner file after parsing, defaults and overrides
- ``agreement``: the commercial terms of a partner
- ``environment``: the realm of one environment, from the realm templates
- ``workspace``: everything that the files contain for one environment
- ``deployment``: the environments in which a partner is deployed, by stage
- ``launch_client``: the launch service as a client of the host's realm
- ``certificates``: X.509 certificates
- ``currency``: the currencies of ISO 4217
- ``days``, ``instants``: local days, and instants as whole numbers

Import from the modules.
"""

__all__: list[str] = []
