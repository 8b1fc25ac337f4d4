"""How content changes: drafts, second pairs of eyes, golden questions, the audit log.

`api.content` holds what is published and how it is published; this package holds the way there.
"""
