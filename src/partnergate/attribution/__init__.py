"""Attribution: the partner that each session belongs to, decided in pure code.

- ``partner_history``: the recorded versions of every partner
- ``rules``: the rules of a realm that attribution uses
- ``session_state``: the merged events of one session, in any order
- ``concluding``: a session's partner, or the reason why it is unattributed
- ``outcome``: the results: attributed or unattributed sessions, reasons, exclusions
- ``quality``: the quality of the identity data of a partner, as counts

Modules are imported directly.
"""

__all__ = ()
