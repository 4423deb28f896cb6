"""What the service shows of its states, as the JSON of the HTTP contract."""
