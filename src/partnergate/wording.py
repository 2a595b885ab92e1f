"""Numbers with singular and plural nouns."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 partner``, ``2 partners``, ``12,345 partners``; for nouns whose plural ends in s."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
