"""The pages for operators and partners.

- ``pages``: how a page is rendered
- ``forms``: how form posts are read
- ``accounts``: one partner with the settings of its realm, for the pages
- ``dashboard``: all partners, and the quantities of one
- ``statements``: statements in every format, and traces
- ``disputes``: disputes on a statement line
- ``reconciliation``: reconciliation with a partner's CSV file
- ``handoff``: the values to configure on both sides, the progress of onboarding, and test logins
- ``actors``: who makes a request, for the audit log
- ``statement_keys``: the published keys of the issuer
- ``audit``: the audit log for operators; ``sign_ins``: who opened the pages, for that log
- ``checks``: the checks of partner servers, one at a time for each partner
- ``attempts``: sign-in attempts and the reasons of failed ones
- ``identity_quality``: missing identity data of a partner's users

Import from the modules.
"""

__all__ = ()
