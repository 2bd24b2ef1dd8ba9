"""How a run that follows notifies others of what it finds: a command, a webhook, metrics.

Nothing here makes the reader of the log wait, and nothing that goes wrong here is silent: what
was not delivered is counted, and the last reason is kept in words.
"""
