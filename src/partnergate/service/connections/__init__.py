"""Bounds on connections, so that clients that send or read slowly cannot exhaust the service.

- ``limits``: the time limits, and the number of connections below the descriptor limit
- ``protocol``: the HTTP protocol of the server that enforces them

Import from the modules.
"""

__all__ = ()
