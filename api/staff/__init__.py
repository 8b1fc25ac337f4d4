"""The people behind the desk: organisations, accounts, roles, passwords, sessions.

Nobody who writes to the bot is in here, and nothing here knows of topics or messages.
"""
