"""Starting our processes on this machine: for development, tests and measurements.

Production starts them by its own means (see compose.yaml); this is `make run`.
"""
