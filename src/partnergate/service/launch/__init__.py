"""The launch service, which a partner's launch link opens. ``signin.launch`` makes its decisions.

- ``routes``: the requests of a launch
- ``steps``: what each request does
- ``session_check``: finds the partner of the browser's live session, by ``prompt=none``
- ``key``: the key that signs the state of a launch
- ``failure_page``: the pages on which a launch can end
- ``confirmation_page``: asks whether the session of another partner may end
- ``outcome_counter``: counts the outcomes in logs, metrics and store

Import from the modules.
"""

__all__ = ()
