"""Applies plans, detects drift, and imports realms, through ports.

- ``executor``: runs the stages of a plan and rolls back partners that fail
- ``apply_report``: the outcome of an apply
- ``ports``: the interfaces of a realm that applying uses
- ``held_lock``: the lock while it is held
- ``holder``: the identity of this process in the lock
- ``drift``: differences from the files, who made them, and how to accept or undo each
- ``admin_acts``: changes that administrators made
- ``importing``: partner files and templates from an existing realm

Modules are imported directly.
"""

__all__ = ()
