"""What the service costs, each measure against its peer in the same run."""
