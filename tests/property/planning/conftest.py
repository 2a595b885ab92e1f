"""What the laws of planning are tried on: partners of every kind, and realms changed by hand."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("planning", max_examples=25, deadline=None)
settings.load_profile("planning")
