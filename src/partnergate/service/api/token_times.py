"""Validates the times in a token with an injected clock; the JWT library uses the system clock only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from jwt.types import Options


def times_unchecked(*required: str) -> Options:
    """Return ``jwt.decode`` options without time checks. Call ``check_times`` directly afterwards."""
    return {"require": list(required), "verify_exp": False, "verify_iat": False, "verify_nbf": False}


def check_times(claims: Mapping[str, Any], now: datetime, *, leeway_seconds: float) -> None:
    """Raise like the JWT library when a token has expired, or was issued or starts in the future."""
    at = now.timestamp()
    expires = _seconds(claims, "exp")
    if expires is not None and expires <= at - leeway_seconds:
        raise jwt.ExpiredSignatureError("exp")
    for name in ("iat", "nbf"):
        begins = _seconds(claims, name)
        if begins is not None and begins > at + leeway_seconds:
            raise jwt.ImmatureSignatureError(name)


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise jwt.DecodeError(f"{name} is not a time")
    return float(value)
