"""Quantities from rollups, equal to those that ``metering.meters`` defines.

- ``quantities``: every metered charge of an agreement
- ``rollups``: which series are kept for each partner
- ``login_meters``, ``login_hours``, ``hour_rows``, ``stale_hours``: logins, sessions and active users by hour
- ``active_users``: active users from rows

Modules are imported directly.
"""

__all__ = ()
