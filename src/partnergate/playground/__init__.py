"""What ``partnergate demo`` runs and prints. No other command needs it.

- ``show``: the order of the demo
- ``steps_sign_in``, ``steps_usage``: its steps
- ``narrator``: its output
- ``main_job``: one run with its workspace, server, secrets and commands
- ``commands``: partnergate commands in other processes
- ``cast``: the partners and people
- ``partner_idp``, ``realm_keys``: a partner's identity provider as a Keycloak realm
- ``host_product``: the host's product
- ``one_period``, ``real_clock``: keep a run inside one billing period of real time
- ``sidecar``: the sidecar as the host uses it
- ``usage_story``: the usage events and their expected results

The command and the tests import from the modules.
"""

__all__ = ()
