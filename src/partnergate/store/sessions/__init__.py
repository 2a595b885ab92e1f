"""Keycloak events and the sessions that they make up.

- ``ingest``, ``session_rows``: stores events in one transaction with the position of the reader
- ``attributing``: keeps the partner of each session current
- ``queries``, ``quality``, ``event_history``: what was read, for other packages and for operators
- ``subjects``, ``profiles``: pseudonyms of people, and the profile fields that meters need
- ``attempts``, ``staging_tests``: sign-in attempts, and test logins in staging

Modules are imported directly.
"""

__all__ = ()
