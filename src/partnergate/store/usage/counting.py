"""Gathers decided events by partner, type and hour, and counts each group at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.metering.aggregates.aggregate import CountedEvent
from partnergate.store.usage.contributions import Contributions
from partnergate.store.usage.rows import HOUR_US, data_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from partnergate.store.meters.rollups import KeptMeters
    from partnergate.store.usage.partner_of import Owner

Undecoded = tuple[int, str, str, str, str]
"""Time, source, id, data as stored, identity."""


def owner_numbers(connection: Connection) -> dict[Owner, int]:
    """The number of every owner that has one."""
    rows = connection.execute(sa.text("SELECT realm, partner, no FROM usage_owners"))
    return {(realm, partner): number for realm, partner, number in rows}


@dataclass(slots=True, kw_only=True)
class Counting:
    """The events of one step; an owner without a number has no rollups, so nothing of it is counted."""

    owners: Mapping[Owner, int]
    meters: KeptMeters
    types: Mapping[int, str]
    _groups: dict[tuple[Owner, int, int, str], list[Undecoded]] = field(default_factory=dict)
    _added: Contributions = field(default_factory=Contributions)

    def add(self, owner: Owner, excluded: str, type_no: int, event: Undecoded) -> None:
        """One event with its contribution."""
        key = (owner, type_no, event[0] // HOUR_US, excluded)
        group = self._groups.get(key)
        if group is None:
            self._groups[key] = [event]
        else:
            group.append(event)

    def see(self, owner: Owner, time_us: int, person: str, user_id: str, excluded: str) -> None:
        """The user."""
        number = self.owners.get(owner)
        if number is not None and self.meters.people(number):
            self._added.add_person(number, time_us, person, user_id, excluded)

    def added(self) -> Contributions:
        """The increments of all events so far."""
        for (owner, type_no, hour, excluded), group in self._groups.items():
            number = self.owners.get(owner)
            series = () if number is None else self.meters.series(number, self.types[type_no])
            if series:
                events = [
                    CountedEvent(time, source, event, data_of(data), identity)
                    for time, source, event, data, identity in group
                ]
                self._added.add_hour(hour, excluded, events, series)
        self._groups.clear()
        return self._added
