"""The subject of a partner file decides whose account a login opens, with every protocol."""

from __future__ import annotations

from typing import Any

import pytest

from hostile.arena import OIDC

pytestmark = pytest.mark.integration


def test_a_user_created_again_at_the_partner_keeps_the_account(ring: Any, enter: Any, changed: Any) -> None:
    """The partner deleted the user and created it again: another ``sub``, the same ``oid``."""
    changed(OIDC, identity={"subject": "oid"})
    ring.oidc(OIDC, claims={"sub": "first", "oid": "o-1"})
    before = enter(OIDC)
    ring.oidc(OIDC, claims={"sub": "second", "oid": "o-1"})
    after = enter(OIDC)
    assert after.user_id == before.user_id
    assert [one["username"] for one in ring.users()] == [f"{OIDC}.o-1"]


def test_another_user_with_the_same_sub_gets_another_account(ring: Any, enter: Any, changed: Any) -> None:
    changed(OIDC, identity={"subject": "oid"})
    ring.oidc(OIDC, claims={"sub": "first", "oid": "o-1"})
    before = enter(OIDC)
    ring.oidc(OIDC, claims={"sub": "first", "oid": "o-2"})
    after = enter(OIDC)
    assert after.user_id != before.user_id
    assert sorted(one["username"] for one in ring.users()) == [f"{OIDC}.o-1", f"{OIDC}.o-2"]


@pytest.mark.parametrize("claims", [{}, {"oid": ""}, {"oid": " "}])
def test_a_login_without_the_subject_is_refused(
    ring: Any, refused: Any, changed: Any, claims: dict[str, str]
) -> None:
    changed(OIDC, identity={"subject": "oid"})
    ring.oidc(OIDC, claims={"sub": "first"} | claims)
    refused(OIDC, leaves_users=True)
    assert not any(ring.connection.get(f"users/{one['id']}/federated-identity") for one in ring.users())
