"""A small client for hosts that send usage from Python.

::

    token = ServiceAccountToken(issuer="https://id.host.example/realms/production", client_id="host-usage",
                                client_secret=secret)
    with UsageClient("https://sidecar.host.example", token=token) as client:
        result = client.send([new_event(source="https://host.example/tasks", type="task.run",
                                        subject=f"session:{sid}", data={"quantity": 3})])

An event gets its id when it is made, and keeps it through every retry: sending is safe to repeat.
"""

from __future__ import annotations

from partnergate.client.events import Event, new_event
from partnergate.client.sending import ItemResult, SendError, UsageClient
from partnergate.client.token import ServiceAccountToken

__all__ = ["Event", "ItemResult", "SendError", "ServiceAccountToken", "UsageClient", "new_event"]
