"""The Admin API calls of the adapter, answered from memory as Keycloak does."""
