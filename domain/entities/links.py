"""How tickets belong together: links of one to another (RULES §1, §8)."""

from typing import Literal

import msgspec

Relation = Literal[
    "incident_of",  # this incident or question is one of a problem's; the other end is "problem_of"
    "problem_of",
    "child_of",  # made by fan-out or by hand below another; the other end is "parent_of"
    "parent_of",
    "split_from",
    "split_into",
    "merged_into",
    "merged_from",
    "follows",  # a follow-up of a closed ticket; the other end is "followed_by"
    "followed_by",
    "related",
]

OTHER_END: dict[str, Relation] = {
    "incident_of": "problem_of",
    "problem_of": "incident_of",
    "child_of": "parent_of",
    "parent_of": "child_of",
    "split_from": "split_into",
    "split_into": "split_from",
    "merged_into": "merged_from",
    "merged_from": "merged_into",
    "follows": "followed_by",
    "followed_by": "follows",
    "related": "related",
}
"""What a link is called at its other end."""


class Link(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One link as the ticket that holds it sees it; only an id: whoever may not see the other learns no more."""

    relation: str
    ticket: str
