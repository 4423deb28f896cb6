"""What must hold, told as tests: domain/ without any database, everything above it on SQLite and on PostgreSQL."""
