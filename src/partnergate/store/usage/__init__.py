"""Usage events in the store, and everything derived from them.

- ``ledger``: the facade: append events, attribute them, answer quantities
- ``append``, ``stored``, ``rows``: usage events as they are stored and read back
- ``attribute``, ``deciding``, ``partner_of``: attribution in steps
- ``dependencies``, ``sessions``, ``waiting``: what the partner of an event depends on
- ``counting``, ``contributions``: what attributed events add to the rollups
- ``affected``, ``recompute``: which hours a later change concerns, and counting them again
- ``realm_terms``: what attribution knows of the partners of a realm
- ``overview``: figures for operators

Modules are imported directly.
"""

__all__ = ()
