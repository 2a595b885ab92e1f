"""The allow list of launch targets. URLs are compared component by component.

A string prefix comparison would accept ``https://app.example.evil.test`` for
``https://app.example``. Browsers interpret backslashes, control characters and user names
differently, so URLs with them are refused (RFC 9700, section 4.11, open redirection).
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LONGEST = 2048


def allowed_target(target: str, allowed: tuple[str, ...]) -> bool:
    """Whether ``target`` equals one of the ``allowed`` URLs or is below one of them."""
    parts = _parts(target)
    return parts is not None and any(_below(parts, base) for base in map(_parts, allowed) if base is not None)


_Parts = tuple[str, str, int, tuple[str, ...]]


def _below(target: _Parts, base: _Parts) -> bool:
    *target_origin, target_path = target
    *base_origin, base_path = base
    return target_origin == base_origin and target_path[: len(base_path)] == base_path


def _parts(url: str) -> _Parts | None:
    """Return scheme, host, port and path segments; None when the URL is ambiguous."""
    if len(url) > _LONGEST or any(not "!" <= c <= "~" for c in url) or "\\" in url:
        return None
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return None
    if split.scheme not in _DEFAULT_PORTS or not split.hostname or "@" in split.netloc:
        return None
    segments = tuple(s for s in unquote(split.path).split("/") if s)
    if any(s in {".", ".."} or "\\" in s for s in segments):
        return None
    return split.scheme, split.hostname, port or _DEFAULT_PORTS[split.scheme], segments
