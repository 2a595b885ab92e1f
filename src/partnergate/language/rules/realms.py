"""Checks the realm templates."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from partnergate.language.rules.addresses import address
from partnergate.language.shape.finding import Finding
from partnergate.model.launch_client import checked_url
from partnergate.model.public_hosts import is_loopback_host
from partnergate.realm.mappers.grants import is_admin_role
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.text.tree import Path
    from partnergate.model.environment import RealmSpec

EVENT_TYPES = frozenset(
    """
    LOGIN REGISTER LOGOUT CODE_TO_TOKEN CLIENT_LOGIN REFRESH_TOKEN VALIDATE_ACCESS_TOKEN
    INTROSPECT_TOKEN FEDERATED_IDENTITY_LINK FEDERATED_IDENTITY_OVERRIDE_LINK
    REMOVE_FEDERATED_IDENTITY UPDATE_EMAIL UPDATE_PROFILE UPDATE_PASSWORD UPDATE_TOTP
    UPDATE_CREDENTIAL VERIFY_EMAIL VERIFY_PROFILE REMOVE_TOTP REMOVE_CREDENTIAL GRANT_CONSENT
    UPDATE_CONSENT REVOKE_GRANT SEND_VERIFY_EMAIL SEND_RESET_PASSWORD SEND_IDENTITY_PROVIDER_LINK
    RESET_PASSWORD RESTART_AUTHENTICATION INVALID_SIGNATURE REGISTER_NODE UNREGISTER_NODE
    USER_INFO_REQUEST IDENTITY_PROVIDER_LINK_ACCOUNT IDENTITY_PROVIDER_LOGIN
    IDENTITY_PROVIDER_FIRST_LOGIN IDENTITY_PROVIDER_POST_LOGIN IDENTITY_PROVIDER_RESPONSE
    IDENTITY_PROVIDER_RETRIEVE_TOKEN IMPERSONATE CUSTOM_REQUIRED_ACTION EXECUTE_ACTIONS
    EXECUTE_ACTION_TOKEN CLIENT_INFO CLIENT_REGISTER CLIENT_UPDATE CLIENT_DELETE
    CLIENT_INITIATED_ACCOUNT_LINKING TOKEN_EXCHANGE OAUTH2_DEVICE_AUTH
    OAUTH2_DEVICE_VERIFY_USER_CODE OAUTH2_DEVICE_CODE_TO_TOKEN AUTHREQID_TO_TOKEN PERMISSION_TOKEN
    DELETE_ACCOUNT PUSHED_AUTHORIZATION_REQUEST USER_DISABLED_BY_PERMANENT_LOCKOUT
    USER_DISABLED_BY_TEMPORARY_LOCKOUT OAUTH2_EXTENSION_GRANT INVITE_ORG USER_SESSION_DELETED
    JWT_AUTHORIZATION_GRANT
    """.split()  # noqa: SIM905 - a list of words is easier to read and compare
)
"""Event types of Keycloak 26, each also with ``_ERROR``. Keycloak rejects a list with any other name."""
_LEAST_DAYS = 14


def _redirects(realm: RealmSpec) -> Iterator[tuple[Path, str]]:
    for client in realm.clients:
        for key in ("redirect_uris", "post_logout_redirect_uris"):
            for number, url in enumerate(getattr(client, key)):
                yield ("clients", client.client_id, key, number), url


def exact_redirects(realm: RealmSpec) -> Iterator[Finding]:
    """PG401: with a wildcard, any open redirect below it leaks authorization codes."""
    for path, url in _redirects(realm):
        if "*" in url or address(url).flaw:
            yield Finding(path, f"{url} is not an exact URL", "list each URL exactly as the product uses it")


def https_redirects(realm: RealmSpec) -> Iterator[Finding]:
    """PG402: anybody on the network path can read a code sent over plain HTTP."""
    for path, url in _redirects(realm):
        at = address(url)
        local = realm.network.allow_loopback_http and is_loopback_host(at.host)
        if at.scheme == "http" and not local:
            yield Finding(
                path,
                f"{url} is not https",
                "plain http is allowed only for loopback names, with network: {allow_loopback_http: true}",
            )


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and not (parts.path or "*" in text or parts.query)


def exact_origins(realm: RealmSpec) -> Iterator[Finding]:
    """PG403: pages of every matching origin can read responses."""
    for client in realm.clients:
        for number, origin in enumerate(client.web_origins):
            if not _is_origin(origin):
                yield Finding(
                    ("clients", client.client_id, "web_origins", number),
                    f"{origin} is not an exact origin",
                    "write scheme, host, and port without a path: https://app.host.example",
                )


def grantable_roles(realm: RealmSpec) -> Iterator[Finding]:
    """PG404: partner files can grant every declared role."""
    for role in realm.roles:
        if is_admin_role(role.name):
            yield Finding(
                ("roles", role.name, "name"),
                f"{role.name} is an admin role; partner files could grant it",
                "choose another name",
            )


def own_realm(realm: RealmSpec) -> Iterator[Finding]:
    """PG405: the master realm administers all other realms."""
    if realm.realm.lower() == "master":
        yield Finding(("realm",), "the master realm administers all other realms", "use a separate realm")


def https_server(realm: RealmSpec) -> Iterator[Finding]:
    """PG406: administrator tokens must not be sent over plain HTTP."""
    at = address(realm.server_url)
    local = realm.network.allow_loopback_http and is_loopback_host(at.host)
    if at.flaw or (at.scheme != "https" and not local):
        yield Finding(
            ("server_url",),
            f"{realm.server_url} is not https",
            "plain http is allowed only on this machine, with network: {allow_loopback_http: true}",
        )


def local_means_local(realm: RealmSpec) -> Iterator[Finding]:
    """PG410: the exception for local realms applies only to local realms."""
    if realm.network.allow_loopback_http and not is_loopback_host(address(realm.server_url).host):
        yield Finding(
            ("network", "allow_loopback_http"),
            f"{realm.server_url} is not on this machine",
            "delete the key",
            on_key=True,
        )


def launch_client(realm: RealmSpec) -> Iterator[Finding]:
    """PG411: the launch service needs a client of its own. A declared client must fit its purpose."""
    if realm.launch is None:
        return
    for client in realm.clients:
        if client.client_id != realm.launch.client_id:
            continue
        if not client.session_check:
            yield Finding(
                ("launch", "client_id"),
                f"client {client.client_id} has no session_check",
                "name another client, or delete the key: the launch client is created automatically",
            )
        elif checked_url(realm.launch) not in client.redirect_uris:
            yield Finding(
                ("launch", "client_id"),
                f"client {client.client_id} has no redirect URI {checked_url(realm.launch)}",
                "delete the client: it is created automatically",
            )


def known_event_types(realm: RealmSpec) -> Iterator[Finding]:
    """PG412: Keycloak rejects the whole list because of one unknown name."""
    for place, name in enumerate(realm.events.extra_event_types):
        if name.removesuffix("_ERROR") not in EVENT_TYPES:
            from partnergate.language.shape.suggestion import nearest  # noqa: PLC0415 - only a mistake needs it

            near = nearest(name.lower(), (known.lower() for known in EVENT_TYPES))
            yield Finding(
                ("events", "extra_event_types", place),
                f"unknown event type {name}",
                f'did you mean "{near.upper()}"?' if near else "",
            )


def long_enough_retention(realm: RealmSpec) -> Iterator[Finding]:
    """PG413: events that are deleted before they are read are never charged."""
    if 0 < realm.events.retention_days < _LEAST_DAYS:
        yield Finding(
            ("events", "retention_days"),
            f"an outage of {counted(realm.events.retention_days, 'day')} would permanently lose logins",
            f"keep events at least {_LEAST_DAYS} days",
        )
