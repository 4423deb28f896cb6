"""The shapes of what arrives from outside: strict, so that what gets past them can be decided on and stored."""
