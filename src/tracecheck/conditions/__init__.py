"""The grammars, which are the definition of what they parse, and their readers."""
