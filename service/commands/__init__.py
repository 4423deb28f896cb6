"""Commands on their way into the log: each loads what it needs, asks the domain, and stores what that decided."""
