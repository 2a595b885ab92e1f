"""The HTTP API.

- ``usage``: ``POST /v1/usage``, CloudEvents with one receipt per event
- ``ingest``: the queue with the single writer behind it
- ``quantities``: ``GET /v1/partners/{partner}/quantities``
- ``usage_report``: the quantities of a period, for the API, the command line and the page
- ``description``: what every route of the OpenAPI document has in common
- ``tokens``, ``token_times``: verification of the realm's access tokens

Import from the modules.
"""

__all__ = ()
