"""Attribution of a history of events, without a database."""

from builders.events import REALM, registry
from partnergate.attribution.concluding import conclude, conclude_login
from partnergate.attribution.session_state import states_of
from partnergate.events.pseudonymization import reduced


class PlainPeople:
    def subject(self, person):
        return f"{person.alias}/{person.subject}"

    def email_key(self, alias, email):
        return f"{alias}/{email}"


def raw(*events, read_at=None):
    return [reduced(REALM, e, e.time_ms if read_at is None else read_at, PlainPeople()) for e in events]


def sessions(*events, known=None, domains=(), read_at=None):
    """Attribution per session id."""
    known = known or registry()
    states = states_of(raw(*events, read_at=read_at))
    return {s: conclude(state, known, domains) for s, state in states.items()}


def logins(*events, known=None, domains=(), read_at=None):
    """Attribution per event id, for brokered logins."""
    known = known or registry()
    found = sessions(*events, known=known, domains=domains, read_at=read_at)
    return {
        e.id: conclude_login(e, found.get(e.session_id), known, domains)
        for e in raw(*events, read_at=read_at)
        if e.type == "LOGIN" and e.alias and e.error is None
    }
