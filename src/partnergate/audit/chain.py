"""Checks a chain of audit entries in one pass, and its head.

The chain detects a changed, removed, added or reordered entry. It cannot detect that its last entries are
missing: that needs a head that was written down elsewhere, with the number of entries at that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.audit.entry import FIRST, AuditError, entry_of, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

HEAD_FORMAT: Final = "partnergate-audit-head/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The end of a chain at one time."""

    format: str
    count: int
    """The number of entries."""
    sha256: str
    """The hash of the last entry; ``FIRST`` for none."""
    at: datetime
    """When the head was read."""


@dataclass(slots=True, kw_only=True)
class ChainCheck:
    """A pass over a chain: its problems, and its head so far."""

    expected: AuditHead | None = None
    """A head from earlier, which the chain must contain."""
    count: int = 0
    sha256: str = FIRST
    met: bool = False
    """Whether the expected head was found."""

    def problems(self, contents: Iterable[bytes]) -> Iterator[str]:
        """Yield each problem of the entries, in the order of the chain."""
        self.met = self._is_expected()
        for content in contents:
            yield from self._next(content)
        if self.expected is not None and not self.met:
            yield self._missing_head(self.expected)

    def _next(self, content: bytes) -> Iterator[str]:
        number = self.count + 1
        try:
            entry = entry_of(content)
        except AuditError as error:
            yield f"entry {number}: {error.what}"
        else:
            if entry.sequence != number:
                yield f"entry {number} has the number {entry.sequence}: an entry was removed or added"
                number = entry.sequence
            if entry.previous != self.sha256:
                yield f"entry {number} does not follow the entry before it: one of the two was changed"
        self.count, self.sha256 = number, hash_of(content)
        self.met = self.met or self._is_expected()

    def _is_expected(self) -> bool:
        head = self.expected
        return head is not None and (head.count, head.sha256) == (self.count, self.sha256)

    def _missing_head(self, head: AuditHead) -> str:
        if self.count < head.count:
            missing = head.count - self.count
            return (
                f"the last {missing} of {head.count} entries are missing: they existed on {head.at:%Y-%m-%d}"
            )
        return f"entry {head.count} is not the entry of {head.at:%Y-%m-%d}: the chain was written again"
