"""Texts, forms and files that nobody would send, thrown at what reads them: `make fuzz`."""
