"""Every address and every function that reads tickets is on a list that says how it is restricted (RULES §10)."""

import warnings
from pathlib import Path

from sync_server.app import build, web_application
from sync_server.settings import Settings
from sync_server.store.engine import Store
from tests.sync_server.access.readers import names_in, readers
from tests.sync_server.access.routes import RESTRICTED

JUDGED: dict[str, str] = {
    "access.attachments:content_for": "_classes",
    "access.customers:_Shown._tickets": "visible",
    "access.customers:_Shown.customer": "_may_create",
    "feed.finding:_own": "person",
    "feed.finding:following": "takes_no_part",
    "feed.digest:_groups": "covered",
    "feed.digest:_page_of_tickets": "access",
    "feed.digest:_of_groups": "covers",
    "feed.directory:_notices": "visible",
    "feed.directory:notices_of": "_notices",
    "feed.directory:recent_notices": "_notices",
    "feed.older:_candidates": "visible",
    "feed.reader:_concerned": "person",
    "reports.behind:behind": "tickets",
    "reports.by_day:by_day": "_counted",
    "reports.cases:_activities": "_within",
    "reports.cases:_lengths": "_within",
    "reports.cases:_within": "tickets",
    "reports.cases:cases": "_within",
    "reports.clocks:clocks": "tickets",
    "reports.clocks:stopped": "clocks",
    "reports.frame:Frame.tickets": "visible",
    "reports.outcomes:_by_metric": "clocks",
    "reports.shares:_top": "tickets",
    "reports.shares:top_categories": "_top",
    "reports.shares:top_units": "_top",
}
"""Functions that restrict what they read themselves, with the name of what restricts it, which must stand in them."""

CALLED: dict[str, str] = {
    "access.customers:_Shown._contacts": "masked by the classes that customer() found",
    "access.customers:_candidates": "candidates; _Shown.customer drops those that are not covered",
    "access.integrations:authenticate": "other systems' keys; no ticket",
    "access.integrations:integrations": "other systems' keys; no ticket",
    "access.integrations:make": "other systems' keys; no ticket",
    "access.integrations:mark_used": "other systems' keys; no ticket",
    "access.integrations:revoke": "other systems' keys; no ticket",
    "push.customers:ask_customers": "facts for deciding; no answer",
    "reports.explaining:ticket_numbered": "a ticket by number for explained(), which the operator asks",
    "reports.explaining:told_of": "who was told, for explained(), which the operator asks",
    "access.predicate:in_range": "is part of the predicate",
    "access.predicate:takes_no_part": "is part of the predicate",
    "access.predicate:takes_part": "is part of the predicate",
    "feed.keeping:kept": "a condition on age that callers add to the predicate",
    "feed.older:_stands": "a condition that _candidates adds to the predicate",
    "feed.older:_texts": "texts of tickets in sight; _readable looks at their classes",
    "feed.snapshot:_blocks": "the whole, given to those alone for whom may_take holds",
    "feed.snapshot:_erasures": "how many erasures there were; no ticket",
    "feed.tail:Stretch._learn_part": "which changes to look at; reader._concerned and shown_classes judge the tickets",
    "feed.touches:_participants": "whom to poke; nothing of it is answered",
    "push.pipeline:refer_to_files": "writes references",
    "reports.backlog:_old": "a condition that callers add to frame.tickets",
    "reports.backlog:aged": "a condition that callers add to frame.tickets",
    "reports.backlog:is_open": "a condition that callers add to frame.tickets",
    "reports.backlog:late": "a condition that callers add to frame.tickets",
    "reports.backlog:soon": "a condition that callers add to frame.tickets",
    "reports.behind:_clocks_of": "a condition that behind adds to frame.tickets",
    "reports.behind:_took": "an order that behind adds to frame.tickets",
    "reports.behind:_which": "a condition that behind adds to frame.tickets",
    "reports.clocks:_open": "a condition that callers add to clocks()",
    "reports.clocks:overdue_within": "a condition that callers add to clocks() or frame.tickets",
    "reports.clocks:running_now": "a condition that callers add to clocks() or frame.tickets",
    "reports.clocks:stopped_within": "a condition that callers add to clocks() or frame.tickets",
    "store.queries.tickets:ask_locked": "rows by id for deciding; decide looks at access",
    "store.queries.tickets:child_rows": "rows by id; feed.projection drops classes that are not shown",
    "store.queries.tickets:entries_of": "rows by id for deciding",
    "store.queries.tickets:not_closed": "the operator's dry run of rules",
    "store.queries.tickets:ticket_rows": "rows by id; callers ask shown_classes or viewer.access",
    "store.queries.worth:are_as_many_tickets": "whether there are many; read by the cleaning job",
}
"""Functions that restrict nothing themselves, and why nothing comes of it that is denied."""

INSIDE: dict[str, str] = {
    "store.agreement": "counts for the operator's doctor",
    "store.automations": "candidates and episodes of automations",
    "store.blobs": "a person's own uploads; clean-up",
    "store.configuration_uses": "numbers for the operator's console",
    "store.contacts": "people's own addresses and a customer's own values, for the sender",
    "store.customers": "writes what is imported or pushed; erasures",
    "store.deliveries": "queues what effects decided",
    "store.delivery_queue": "the sender's and the operator's queue",
    "store.due_steps": "due work for the sweep",
    "store.dump": "the operator's backup",
    "store.epochs": "the operator's recovery",
    "store.erasures": "the operator's erasures",
    "store.feed_writer": "writes",
    "store.flow_due": "due work of flows",
    "store.notices": "writes",
    "store.old_verdicts": "clean-up",
    "store.remeasured": "open tickets whose deadlines are worked out anew",
    "store.returned": "recovery; what a device gave back, by id",
    "store.routing": "who waits for somebody, and whose turn it is; read by routing",
    "store.rule_due": "what rules are to do later",
    "store.sla_cache": "writes",
    "store.soundness": "counts for the operator's doctor",
    "store.standing": "counts for the operator's metrics",
    "store.unit_of_work": "writes",
    "store.urge_due": "due work for the ladder of urging",
    "store.verdicts": "verdicts by the caller's own commands",
}
"""Modules that answer no person's question: writing, due work, the operator."""


def test_every_address_is_on_the_list(sqlite_template: Path, tmp_path: Path) -> None:
    """An address of the application that is not on the list, or the other way round, fails this test."""
    database = f"sqlite:///{tmp_path / 'unused.sqlite3'}"
    store = Store(database)
    try:
        with warnings.catch_warnings():
            # The framework announces changes of its next major version, which is not used.
            warnings.simplefilter("ignore", DeprecationWarning)
            application = web_application(build(Settings(folder=tmp_path, database=database), store))
        found = {
            f"{method.lower()} {route.path_format}"
            for route in application.routes
            for method in getattr(route, "methods", ()) or ("GET",)
            if method not in ("OPTIONS", "HEAD")
        }
    finally:
        store.close()
    assert found == set(RESTRICTED)


def test_every_function_that_reads_tickets_is_on_the_list() -> None:
    """A function that reads tickets, children of tickets or customers says how it is restricted."""
    found = {name for name in readers() if name.partition(":")[0] not in INSIDE}
    listed = set(JUDGED) | set(CALLED)
    assert found - listed == set(), "say in JUDGED or CALLED how these are restricted"
    assert listed - found == set(), "these read no tickets any more"


def test_what_restricts_is_really_there() -> None:
    """A function that restricts by itself uses what the list says it does."""
    found = readers()
    for name, by in JUDGED.items():
        assert by in names_in(found[name]), f"{name} no longer uses {by}"
