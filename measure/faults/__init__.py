"""Kill it, cut it off, fill its disk, set its clock wrong; count what became of each message."""
