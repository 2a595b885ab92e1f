"""What the contract suites of the store share beside the store itself."""

import pytest

from builders.events import REALM, KnownSubjects, realm
from builders.partners import partner
from partnergate.store import EventIngest


@pytest.fixture
def ingest(store):
    """An ingest whose realm has the partners acme and globex."""
    made = EventIngest(store=store, subjects=KnownSubjects())
    made.record_registry(realm(REALM), (partner("acme"), partner("globex")), 0)
    return made
