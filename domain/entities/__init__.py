"""Frozen structs without behaviour: tickets, people, organisation, policies, forms."""
