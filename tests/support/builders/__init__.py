"""Values with readable defaults, and hypothesis strategies that generate many of them.

- ``partners``: ``partner``, its providers and sign-ins, and presets
- ``agreements``: ``agreement`` and its charges
- ``realms``: environments, desired states and plans
- ``signin_specs``: environments and providers for the decisions about sign-in
- ``events``: login events, registries and realms
- ``attributions``: attribution of a history of events
- ``usage``: usage events, and stores with two partners
- ``valid_partner_files``, ``code_examples``: texts of partner files; ``mistakes``: common mistakes in them
- ``rating_strategies``, ``realm_strategies``: hypothesis strategies
"""
