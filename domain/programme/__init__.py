"""The rule book of a programme: terms, exchange rates and the sandbox clock."""
