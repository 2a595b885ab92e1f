"""Values with readable defaults, and hypothesis strategies that make many of them."""
