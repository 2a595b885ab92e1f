"""Partners, files and networks that misbehave on request."""
