"""The shapes of requests and answers (api.md). Requests are strict; answers have no defaults."""
