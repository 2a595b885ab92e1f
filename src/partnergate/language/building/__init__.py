"""Checked values of the language to the typed model."""
