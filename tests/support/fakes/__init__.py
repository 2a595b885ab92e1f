"""In-memory implementations of ports, with real behavior. One contract suite runs against each and the real one.

- ``keycloak``: the Admin API calls of the adapter
- ``realm_in_memory``: a realm for planning and applying
- ``events``: an event log, an event store and a clock
- ``statement_facts``: facts and finalized documents
- ``named_tokens``: a token verifier
- ``code_host``: pull request comments of GitHub and GitLab
"""
