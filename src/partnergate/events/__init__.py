"""Keycloak's login events: read in closed windows, reduced at the door, kept once.

``ports`` says what is needed of the server (``EventSource``) and of the store (``EventKeeper``),
``reader`` reads one realm, ``door`` decides which personal data is kept.
"""
