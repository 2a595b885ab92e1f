"""Settings of the property tests: no deadline for one example, because a busy machine is slow."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("partnergate", deadline=None)
settings.load_profile("partnergate")
