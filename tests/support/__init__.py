"""The real things that tests run against: a PostgreSQL, a server process, and the end of both."""
