"""Comparing partners: partner tiers, and the reward of a year."""
