"""From a won deal to a statement line."""
