"""One of the mistakes that mutants.py puts into copies of the engine's sources."""

from dataclasses import dataclass


@dataclass
class Mutant:
    name: str
    seeds: int  # within so many it is found out
    file: str  # in lib/
    before: str  # stands there exactly once
    after: str  # MUTATED: whether this mutant is switched on
