"""What the simulation reports: an invariant that did not hold."""


class Violation(Exception):
    """An invariant of SYNC §8 was broken; `invariant` is its number there, 0 where an exception escaped."""

    def __init__(self, invariant: int, sentence: str) -> None:
        self.invariant = invariant
        self.sentence = sentence
        super().__init__(f"invariant {invariant}: {sentence}")
