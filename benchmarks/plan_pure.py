"""Processor time of the pure part of a plan without changes: compile, normalize, diff and marks.

    scripts/benchmark plan_pure [partners]

The command turns garbage collection off while it plans, so that case is measured first.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from builders.partners import oidc, partner
from builders.realms import desired, plan_of
from partnergate.model.partner import RoleGrant
from partnergate.realm.representation import mapper_to, organization_to, provider_to, state_of
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5


def export_of(state) -> str:
    """The server's response for a realm in its desired state, with secrets masked."""
    whole = {
        "realm": state.realm,
        "identityProviders": [],
        "identityProviderMappers": [],
        "organizations": [],
    }
    for resource in state.resources:
        match resource.key.kind:
            case ResourceKind.IDENTITY_PROVIDER:
                shown = provider_to(resource)
                shown["config"] |= {secret.name: "**********" for secret in resource.secrets}
                whole["identityProviders"].append(shown)
            case ResourceKind.IDENTITY_PROVIDER_MAPPER:
                whole["identityProviderMappers"].append(mapper_to(resource))
            case ResourceKind.ORGANIZATION:
                linked = {"identityProviders": list(resource.fields["identityProviders"])}
                whole["organizations"].append(organization_to(resource) | linked)
    return json.dumps(whole)


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(partners, text: str, *, collect: bool) -> None:
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        whole = json.loads(text)
        gc.collect()
        (gc.enable if collect else gc.disable)()
        seconds = {"compile": timed(partial(desired, *partners))}
        seconds["normalize"] = timed(partial(state_of, whole))
        actual = state_of(whole)
        seconds["compile + diff + marks"] = timed(partial(plan_of, actual, *partners))
        seconds["in all"] = seconds["normalize"] + seconds["compile + diff + marks"]
        gc.enable()
        best = {name: min(value, best.get(name, value)) for name, value in seconds.items()}
    words = ", ".join(f"{name} {value:.3f} s" for name, value in best.items())
    print(f"collection {'on ' if collect else 'off'}: {words}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    grant = RoleGrant(when=(("groups", "admins"),), grant="workspace-admin")
    names = [f"p{index:05}" for index in range(count)]
    partners = tuple(partner(name, sign_in=oidc(name)) for name in names)
    partners = tuple(
        replace(
            p,
            providers=(
                replace(
                    p.providers[0], identity=replace(p.providers[0].identity, email=None, roles=(grant,))
                ),
            ),
        )
        for p in partners
    )
    state = desired(*partners)
    mappers = sum(1 for r in state.resources if r.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER)
    text = export_of(state)
    plan = plan_of(state_of(json.loads(text)), *partners)
    changed = [c for c in plan.changes if c.owner != "realm"]
    print(
        f"{count} partners, {mappers} mappers, {len(changed)} partner changes (0 is right), best of {ROUNDS}"
    )
    measure(partners, text, collect=False)
    measure(partners, text, collect=True)


if __name__ == "__main__":
    main()
