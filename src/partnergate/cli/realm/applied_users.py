"""What an apply does to users: signs out those of inactive partners, and removes stranded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.wording import counted

if TYPE_CHECKING:
    from partnergate.cli.realm.access import RealmAccess


def process_users(access: RealmAccess, *, remove_stranded: bool) -> None:
    """Sign out users of suspended and retired partners; with ``remove_stranded``, delete stranded users."""
    _end_sessions(access)
    if remove_stranded and access.connection.get_or_none("") is not None:
        from partnergate.keycloak.stranded_users import remove_stranded_users

        aliases = {provider.alias for partner in access.workspace.partners for provider in partner.providers}
        removed = remove_stranded_users(access.connection, aliases=aliases)
        click.echo(f"removed {counted(removed, 'user')} that an aborted first login left without a link")


def _end_sessions(access: RealmAccess) -> None:
    """Sign out the users of inactive partners after every run, because an earlier run may have failed."""
    from partnergate.keycloak.sessions import end_sessions
    from partnergate.model.partner import Stage

    inactive = [p for p in access.workspace.partners if p.stage in {Stage.SUSPENDED, Stage.RETIRED}]
    aliases = {provider.alias for partner in inactive for provider in partner.providers}
    if aliases and access.connection.get_or_none("") is not None:
        clients = {client.client_id for client in access.workspace.realm.clients}
        ended = end_sessions(access.connection, aliases=aliases, client_ids=clients)
        click.echo(f"signed out {counted(ended, 'user')} of suspended or retired partners")
