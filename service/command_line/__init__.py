"""The commands of `firstclaim`, one module for each noun. `service/cli.py` puts them together."""
