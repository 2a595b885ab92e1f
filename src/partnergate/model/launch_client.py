"""The launch service as a client of the host's realm, made from the launch settings alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.model.environment import HostClient

if TYPE_CHECKING:
    from partnergate.model.environment import LaunchSettings

CHECKED_PATH: Final = "/sign-in/checked"
ENDED_PATH: Final = "/sign-in/ended"


def checked_url(settings: LaunchSettings) -> str:
    """Where the answer of the silent check comes back."""
    return settings.base_url.rstrip("/") + CHECKED_PATH


def ended_url(settings: LaunchSettings) -> str:
    """Where the browser comes back when another partner's session was ended."""
    return settings.base_url.rstrip("/") + ENDED_PATH


def launch_client(settings: LaunchSettings) -> HostClient:
    """The client that the silent check uses; it can look at a session and never make one."""
    return HostClient(
        client_id=settings.client_id,
        redirect_uris=(checked_url(settings),),
        post_logout_redirect_uris=(ended_url(settings),),
        session_check=True,
    )
