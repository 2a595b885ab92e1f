"""The sidecar: one web service for one realm, and the threads beside it.

- ``api``: usage ingest and quantities
- ``portal``: pages for operators and partners
- ``launch``: launch links
- ``loops``: background threads
- ``compose``: builds the parts of the service (the composition root)
- ``deps``: the parts that the application receives
- ``work``: threads for blocking work, one bounded pool for each kind
- ``connections``: bounds on connections and slow clients
- ``rate_limits``, ``allowed_hosts``: limits for each client, and the allow list of host names
- ``app``: the application with its routes
- ``clock``: the type of the clock that every part receives
- ``running``: the server process until SIGTERM
- ``access``: which roles may use which route
- ``health``, ``metrics``, ``logs``: probes, metrics, log lines
- ``problems``: errors as problem documents (RFC 9457)
- ``safe_headers``: headers of every response

Import from the modules, because importing all of them slows down the commands.
"""

__all__ = ()
