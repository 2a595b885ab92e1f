"""The times in a token, held against a clock that is given; the JWT library would read the machine's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from jwt.types import Options


def times_unchecked(*required: str) -> Options:
    """Options of ``jwt.decode`` for a caller that calls ``check_times`` right after it."""
    return {"require": list(required), "verify_exp": False, "verify_iat": False, "verify_nbf": False}


def check_times(claims: Mapping[str, Any], now: datetime, *, leeway_seconds: float) -> None:
    """Raise as the library does when a token has expired, or was issued or begins in the future."""
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
