"""What a partner publishes about its identity provider, recorded in a file beside the partner file."""
