"""One account and all that is claimed on it: the unit in which who is first gets decided."""
