"""Records in the audit log who opened the pages: once for each session of a verified token."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from partnergate.audit.entry import AuditEvent, Deed, details_of
from partnergate.errors import PartnergateError
from partnergate.service.logs import log_event
from partnergate.service.portal.actors import actor_of
from partnergate.service.problems import HttpProblem
from partnergate.store.audit.log import StoredAudit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from partnergate.service.api.tokens import Principal
    from partnergate.service.deps import ServiceDeps

_REMEMBERED: Final = 10_000
_ERROR: Final = 400


@dataclass(slots=True)
class SignInLog:
    """Middleware. The authorization of a route stores its principal in the state of the request."""

    app: ASGIApp
    deps: ServiceDeps
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record the sign-in before the first page of a session is sent."""

        async def recorded(message: Message) -> None:
            principal = scope.get("state", {}).get("principal")
            if message["type"] == "http.response.start" and principal is not None and _is_page(message):
                await self._record(principal)
            await send(message)

        await self.app(scope, receive, recorded if scope["type"] == "http" else send)

    async def _record(self, principal: Principal) -> None:
        session = principal.session
        if not session or session in self._seen:
            return
        try:
            record = partial(StoredAudit(self.deps.store).record, self._event(principal))
            await self.deps.work.pages.run(record)
        except (PartnergateError, HttpProblem) as error:  # the page must not fail; the next one tries again
            log_event("sign_in_not_recorded", reason=str(error))
            return
        self._seen[session] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _event(self, principal: Principal) -> AuditEvent:
        name = hashlib.sha256(principal.session.encode("utf-8", "replace")).hexdigest()[:32]
        return AuditEvent(
            at=self.deps.clock(),
            environment=self.deps.environment,
            deed=Deed.SIGNED_IN,
            actor=actor_of(principal),
            target="pages",
            key=f"signed in {self.deps.environment} {name}",
            details=details_of(partner=principal.partner),
        )


def _is_page(start: Message) -> bool:
    kind = next((v for k, v in start["headers"] if k.lower() == b"content-type"), b"")
    return start["status"] < _ERROR and kind.startswith(b"text/html")
