"""Kill it, cut it off, fill its disk, set its clock wrong, and count what became of each message."""
