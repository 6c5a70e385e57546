"""Which lease a person's devices get."""

import pytest

from domain.entities.leases import LeasePolicy
from domain.rules.leases import lease_policy

POLICIES = {
    one.id: one for one in (LeasePolicy(id="agent", days=7), LeasePolicy(id="auditor", days=60, warn_days=10))
}
USUAL = LeasePolicy(id="default", days=30)


@pytest.mark.parametrize(
    ("roles", "days"),
    [
        ((), 14),
        (("manager",), 14),
        (("agent",), 7),
        (("auditor",), 60),
        (("auditor", "agent"), 7),
        (("auditor", "manager"), 14),
    ],
)
def test_the_strictest_role_decides(roles: tuple[str, ...], days: int) -> None:
    """A role without a policy of its own counts by the default of fourteen days."""
    assert lease_policy(POLICIES, roles).days == days


def test_the_default_can_be_set() -> None:
    """For nobody's role and for roles without a policy."""
    policies = {**POLICIES, "default": USUAL}
    assert lease_policy(policies, ()) == lease_policy(policies, ("manager",)) == USUAL
