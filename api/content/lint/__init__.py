"""What an editor should be told of content that could be imported as it is.

`api.content.rules` holds what stops an import. Here is the rest, in two degrees: a *fault* would
mislead people or the matcher, a *warning* asks for an editor's eye. Both name file and line.
"""
