"""Attribution: the partner that each session belongs to, decided in pure code.

- ``registry``: what was known of every partner, at any time
- ``rules``: the rules of a realm that attribution uses
- ``session_state``: what the events of one session add up to, in any order
- ``concluding``: a session's partner, or the reason why it is unattributed
- ``outcome``: the results: attributed or unattributed sessions, reasons, exclusions
- ``quality``: how good the identity data of a partner is, in counts

Modules are imported directly.
"""

__all__: list[str] = []
