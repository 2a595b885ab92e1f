"""The adapter for Keycloak's Admin API.

- ``connection``, ``session``, ``credentials``: calls, tokens and credentials
- ``failures``, ``proxies``: translates failures of the server and of a proxy into partnergate errors
- ``administration``: administration of users by python-keycloak
- ``reader``, ``whole_realm``: read the state of a realm
- ``write``: applies changes
- ``lock``: the lock of a realm
- ``secrets``: resolves and fingerprints secrets
- ``admin_events``: changes that administrators made
- ``events``: user events
- ``profiles``, ``sessions``, ``stranded_users``: users and their sessions
- ``background``: work in a background thread

Modules are imported directly, because several take long to load.
"""

__all__ = ()
