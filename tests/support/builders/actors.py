"""Actors of audited deeds."""

from __future__ import annotations

from partnergate.audit.actor import Actor, ActorKind

ADA = Actor(kind=ActorKind.LOCAL, name="ada", evidence="host-1")
"""A local user of the command line."""
CI = Actor(kind=ActorKind.GITHUB, name="grace", evidence="https://github.example/host/repo/actions/runs/7")
"""A user who started a CI job."""
