"""Voices: a voice note becomes words, and an answer can be heard.

In: `download` fetches a voice note from the provider, `speech` turns it into words, `listener`
holds both to a time. Out: editors record answers (`recordings`), their bytes lie in a `storage`
and go to the provider by short-lived signed `links`.
"""
