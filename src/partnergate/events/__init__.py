"""Keycloak's login events: read in closed windows, pseudonymized, stored once.

- ``ports``: what reading needs of the server (``EventSource``) and of the store (``EventKeeper``)
- ``windows``: the closed windows of time that are read
- ``reader``: reads the events of one realm
- ``pseudonymization``: which personal data is stored, and in what form
- ``seen``: an event as the server returns it, and as it may be stored
- ``event_ids``: the names of events and of spans that may be missing
- ``gaps``: spans in which events may be missing
- ``history``: compares the events on the server with those that were read

Modules are imported directly.
"""

__all__ = ()
