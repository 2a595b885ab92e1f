"""Partner identity broker as configuration-as-code, with attributed usage and statements."""

__version__ = "0.1.0"
