"""Partners, files and networks that attack or fail on request.

- ``arena``: a host realm with hostile partners
- ``server``: a scripted identity provider
- ``oidc``, ``saml``: its scripts by protocol
- ``login_page``: a sign-in page in front of a script
- ``signature_wrapping``: SAML signature wrapping
- ``texts``: partner files that try to exhaust time or memory
- ``fault_proxy``: a proxy that breaks calls
"""
