"""News that people ask for: who wants it, what editors write, and who got which."""
