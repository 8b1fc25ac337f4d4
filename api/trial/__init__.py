"""Asks what would be answered, without a conversation: for editors who try a draft."""
