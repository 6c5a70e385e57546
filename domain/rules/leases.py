"""Which lease a person's devices get (SYNC §7, docs/decisions/0010)."""

from collections.abc import Iterable, Mapping

from domain.entities.leases import DEFAULT_ROLE, LeasePolicy

DAY_S = 86_400


def lease_policy(policies: Mapping[str, LeasePolicy], roles: Iterable[str]) -> LeasePolicy:
    """The strictest of the policies of a person's roles; a role without one goes by the default."""
    usual = policies.get(DEFAULT_ROLE) or LeasePolicy(id=DEFAULT_ROLE)
    return min((policies.get(role, usual) for role in set(roles)), key=_strictness, default=usual)


def _strictness(policy: LeasePolicy) -> tuple[int, str]:
    return policy.days, policy.id
