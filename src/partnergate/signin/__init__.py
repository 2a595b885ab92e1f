"""Decisions about sign-in, without side effects: launch, hand-off, onboarding, failed logins.

- ``launch``: the next step of a launch
- ``launch_state``: the signed state between two requests of a launch
- ``targets``: the addresses that a launch may redirect to
- ``handoff``: everything that a partner configures on its side
- ``onboarding``: onboarding steps with owner, due date and state
- ``login_test``: the result of a test login
- ``observations``: what a test login observed
- ``diagnosis``, ``failure_reasons``: the reason why a login failed, from a closed list
- ``attempts``: counts of launches and logins by outcome

``service`` serves the pages; ``doctor`` makes the requests. Import from the modules.
"""

__all__ = ()
