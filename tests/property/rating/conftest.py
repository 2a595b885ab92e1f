"""How laws are tried: as often as is usual, without a clock."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without_a_clock", deadline=None)
settings.load_profile("without_a_clock")
