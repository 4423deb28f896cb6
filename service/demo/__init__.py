"""The demo: a real service on a fresh database, told two quarters of a programme over HTTP, and what came of it."""
