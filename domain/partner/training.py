"""The training levels (rules §8)."""

from typing import Literal

TrainingLevel = Literal["foundation", "sales", "technical", "advanced"]
