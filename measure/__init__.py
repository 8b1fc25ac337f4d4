"""Measurements: how well questions are understood, and how fast and how small the service is."""
