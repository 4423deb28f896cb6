"""A conflict case: the record of a clash between claims, worked in six steps (rules §4)."""
