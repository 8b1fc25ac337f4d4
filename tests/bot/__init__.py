"""The bot's own tests; they run in its environment: bot/.venv/bin/python -m pytest tests/bot."""
