"""The background threads of the service.

- ``loop``: the form of a loop, and the signal that ends it
- ``background``: starts loops and restarts them after failures
- ``reader_loops``, ``profile_reader``: read login events and user profiles from Keycloak
- ``file_watcher``: reloads changed partner files
- ``alerts``: sends threshold alerts

Import from the modules.
"""

__all__ = ()
