"""Figures of a benchmark: printed for people, or as one JSON object."""

import json
from collections.abc import Mapping, Sequence

Figure = float | int | str


class Figures:
    """Named figures in the order in which they were measured."""

    def __init__(self, name: str) -> None:
        self._values: dict[str, Figure] = {"bench": name}

    def add(self, name: str, value: Figure) -> None:
        """Keep one figure; its name carries its unit."""
        self._values[name] = round(value, 4) if isinstance(value, float) else value

    def beside(self, name: str, value: float, limit: float, what: str) -> None:
        """Keep a duration in seconds beside the machine's limit for the same work, and their ratio."""
        self.add(f"{name}_s", value)
        self.add(f"limit_{what}_s", limit)
        self.add(f"{name}_ratio", value / limit if limit else 0.0)

    def spread(self, name: str, seconds: Sequence[float]) -> None:
        """Keep median, 99th percentile and number of samples, in milliseconds."""
        ordered = sorted(seconds)
        self.add(f"{name}_p50_ms", ordered[len(ordered) // 2] * 1000)
        self.add(f"{name}_p99_ms", ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000)
        self.add(f"{name}_samples", len(ordered))

    def shown(self, *, as_json: bool) -> str:
        """The figures as text."""
        if as_json:
            return json.dumps(self._values, ensure_ascii=False)
        width = max(len(name) for name in self._values)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in self._values.items())

    @property
    def values(self) -> Mapping[str, Figure]:
        """All figures by name."""
        return self._values
