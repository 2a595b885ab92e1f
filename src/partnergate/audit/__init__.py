"""The audit log: who did what and when, as a chain of entries that cannot change unnoticed.

Modules are imported directly.

- ``actor``: who did something, and who says so.
- ``entry``: a deed, its entry in the log, and the canonical bytes of both.
- ``chain``: the check of a chain, and its head.
- ``file``: a chain with its signed head as a file.
- ``ports``: how a deed is recorded.
"""

__all__ = ()
