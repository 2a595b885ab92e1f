"""The main job for a person to watch: what ``partnergate demo`` runs and prints."""
