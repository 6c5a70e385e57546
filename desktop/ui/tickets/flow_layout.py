"""Where the nodes of a flow are drawn: in rows from above to below, ways back beside them."""

from collections.abc import Sequence

import msgspec

from domain.entities.flow import Flow


class Place(msgspec.Struct, frozen=True):
    """Row and column of a node; columns are halves, so that rows are centred."""

    row: int
    column: float


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """An edge as it is drawn: `back` runs against the rows, at the left."""

    of: str
    to: str
    name: str = ""
    back: bool = False


def ways_of(flow: Flow) -> tuple[Way, ...]:
    """Every edge, those that lead back marked: they close a circle on the way from the start."""
    found: list[Way] = []
    done: set[str] = set()
    on_way: list[str] = []

    def visit(key: str) -> None:
        node = flow.node(key)
        if node is None or key in done:
            return
        done.add(key)
        on_way.append(key)
        for edge in node.edges:
            found.append(Way(of=key, to=edge.to, name=edge.name, back=edge.to in on_way))
            visit(edge.to)
        on_way.pop()

    visit(flow.start)
    return tuple(found)


def places_of(flow: Flow, ways: Sequence[Way]) -> dict[str, Place]:
    """A node stands below all it can come from; the nodes of a row side by side in the file's order."""
    rows = {flow.start: 0}
    forward = [way for way in ways if not way.back]
    for _ in flow.nodes:
        for way in forward:
            if way.of in rows:
                rows[way.to] = max(rows.get(way.to, 0), rows[way.of] + 1)
    by_row: dict[int, list[str]] = {}
    for node in flow.nodes:
        if node.key in rows:
            by_row.setdefault(rows[node.key], []).append(node.key)
    widest = max((len(keys) for keys in by_row.values()), default=1)
    return {
        key: Place(row, (widest - len(keys)) / 2 + at)
        for row, keys in by_row.items()
        for at, key in enumerate(keys)
    }
