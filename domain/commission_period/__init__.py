"""A commission period: one partner's month or quarter, open, then closed for ever."""
