"""From a message to what is said: `turn` decides, `compose` finds the approved words.

No word of a reply is written here. Everything a person reads comes from the catalogue.
"""
