"""Guided checks: a few short questions, and what the answers are signs of.

`running` is what a conversation keeps of a check, `understanding` turns a message into an answer,
`flow` says what is asked next, `verdict` what came of it, `licences` is the editors' table of
recruiters. All but the table are plain functions on values; the words are content.
"""
