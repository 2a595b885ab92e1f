"""The keys of the language, each with its meaning; nothing else defines them."""
