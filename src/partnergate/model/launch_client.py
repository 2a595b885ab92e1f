"""The Keycloak client of the launch service, derived only from the launch settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.model.environment import HostClient

if TYPE_CHECKING:
    from partnergate.model.environment import LaunchSettings

CHECKED_PATH: Final = "/sign-in/checked"
ENDED_PATH: Final = "/sign-in/ended"


def checked_url(settings: LaunchSettings) -> str:
    """Return the redirect URI of the silent session check."""
    return settings.base_url.rstrip("/") + CHECKED_PATH


def ended_url(settings: LaunchSettings) -> str:
    """Return the redirect URI after ending the session of another partner."""
    return settings.base_url.rstrip("/") + ENDED_PATH


def launch_client(settings: LaunchSettings) -> HostClient:
    """Return the client for the silent session check. It can check a session but never create one."""
    return HostClient(
        client_id=settings.client_id,
        redirect_uris=(checked_url(settings),),
        post_logout_redirect_uris=(ended_url(settings),),
        session_check=True,
    )
