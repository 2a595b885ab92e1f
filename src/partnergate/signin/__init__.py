"""Sign-in seen from both sides: the launch, the hand-off, onboarding, and why a login failed.

Pure: the pages are in ``service``, the probes and the staging test act at the edge.
"""
