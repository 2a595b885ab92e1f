"""Sends usage events from a host's Python product.

::

    token = ServiceAccountToken(issuer="https://id.host.example/realms/production", client_id="host-usage",
                                client_secret=secret)
    with UsageClient("https://sidecar.host.example", token=token) as client:
        result = client.send([new_event(source="https://host.example/tasks", type="task.run",
                                        subject=f"session:{sid}", data={"quantity": 3})])

An event gets its id when it is created and keeps it through every retry, so sending is idempotent.

- ``events``: CloudEvents that are valid by construction
- ``sending``: batches and retries
- ``token``: access tokens of a service account
"""

from __future__ import annotations

from partnergate.client.events import Event, new_event
from partnergate.client.sending import EventResult, SendError, UsageClient
from partnergate.client.token import ServiceAccountToken

__all__ = ("Event", "EventResult", "SendError", "ServiceAccountToken", "UsageClient", "new_event")
