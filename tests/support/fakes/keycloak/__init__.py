"""The Admin API calls that the adapter makes, answered from memory as Keycloak answers them."""
