"""A registration: one partner asking to be credited for one opportunity."""
