"""Metering: usage events and logins of one partner as quantities, in pure code.

- ``aggregates``: how usage events become one quantity, one module for each aggregate
- ``usage``: usage events, and the quantities that meters make of them
- ``cloudevents``: CloudEvents as usage events
- ``json_items``: the items of a JSON array as text
- ``usage_corrections``: what an event counts as after amends and voids
- ``attributing``: the partner of a usage event
- ``series``: what a usage meter measures, as a value with a stable key
- ``tally``: what a series has measured so far; tallies merge in any order
- ``counting``: many events counted at once
- ``meters``: the definition of every meter
- ``active_users``: active users from sets of people
- ``excluded_share``: the share of records that are excluded from billing
- ``fact_hash``: one hash over a set of billable records
- ``backfill``: usage events from files
- ``ports``: what other packages need of the ledger

Modules are imported directly.
"""

__all__ = ()
