"""What views.json may hold (RULES §5)."""

from domain.entities.views import Column, Group, Sort
from sync_server.operations.configuration.shapes import Shape, When


class ViewShape(Shape):
    """views.json: id → a list everybody finds in the sidebar, or those with a role, of a team, or named by login.

    `me` in a condition on a person is whoever looks.
    """

    name: str
    when: When = When()
    columns: tuple[Column, ...] = ()
    sort: Sort = "due"
    descending: bool = False
    group: Group = ""
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
