"""An adjustment that a person entered: what no fact leads to (rules §7)."""
