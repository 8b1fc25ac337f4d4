"""The editors' desk: server-rendered pages below `/desk`, one file a room.

`application` is a sub-application with its own guard (`access`), headers and error pages.
"""
