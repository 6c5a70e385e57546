"""The safeguards of the real code: each mutant by name, and how to take one away for a while."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.simulation.real.directed_mutants import TESTED
from tests.simulation.real.more_mutants import MORE
from tests.simulation.real.mutants import FIRST, Place
from tests.simulation.real.promise_mutants import PROMISED

_OURS = ("desktop", "sync_server", "domain", "tests")

_ALL = FIRST | MORE | TESTED | PROMISED

MUTANTS: dict[str, str] = {name: sentence for name, (sentence, _, _) in _ALL.items()}

_SYNC, _REPLICA, _SERVER = "tests/desktop/sync", "tests/desktop/replica", "tests/sync_server"
_INTEGRITY, _SNAPSHOT = _SYNC + "/test_integrity.py", _SYNC + "/test_snapshot.py"
_APPLY, _FILES = _REPLICA + "/test_apply.py", _REPLICA + "/test_attachments.py"
_FEED, _PUSH, _API = _SERVER + "/feed", _SERVER + "/push", _SERVER + "/api"
_OPERATIONS, _LEASE = _SERVER + "/operations", "tests/desktop/test_lease.py"
_COMPACTION, _RETURNING = _FEED + "/test_compaction.py", _PUSH + "/test_returning.py"

DIRECTED: dict[str, str] = {
    "from-cursor": _APPLY + "::test_a_page_that_starts_elsewhere_is_passed_over",
    "as-of": _APPLY + "::test_rows_older_than_the_cursor_bring_nothing_back",
    "late-answers": _SYNC + "/test_exchange.py::test_an_answer_made_under_another_head_is_thrown_away",
    "lost-pushes": _REPLICA + "/test_outbox.py::test_an_answer_of_before_a_restore_settles_nothing",
    "outbox-durable": _APPLY + "::test_what_a_person_does_is_synced_to_the_disk",
    "returned-in-order": _RETURNING + "::test_nothing_is_judged_before_the_window_is_closed",
    "window-holds": _RETURNING + "::test_pushes_are_put_off_while_the_window_is_open",
    "confirm-waits": _SYNC + "/test_recovery.py::test_an_older_backup_gets_the_work_of_three_desktops_back",
    "digest-compared": _INTEGRITY + "::test_what_differs_is_found_and_repaired",
    "digest-unlisted": _INTEGRITY + "::test_what_differs_is_found_and_repaired",
    "digest-at-rest": _APPLY + "::test_nothing_is_compared_while_something_is_still_to_come",
    "digest-access": _FEED + "/test_digest.py::test_any_change_of_a_ticket_changes_the_digest",
    "digest-waits": _INTEGRITY + "::test_what_only_moved_meanwhile_is_not_repaired",
    "digest-children": _INTEGRITY + "::test_children_that_no_sum_tells_of_go",
    "digest-base": _INTEGRITY + "::test_unsent_work_neither_counts_nor_is_lost",
    "tail-head": _FEED + "/test_tail.py::test_server_gone_back_is_noticed_by_the_nonce",
    "tail-follows": _FEED + "/test_tail.py::test_what_follows_another_past_is_not_put_after_rows_in_memory",
    "cursor-expires": _COMPACTION + "::test_a_cursor_whose_row_went_has_expired_and_one_that_stayed_goes_on",
    "compaction-rev-from": _COMPACTION
    + "::test_a_cursor_whose_row_went_has_expired_and_one_that_stayed_goes_on",
    "compaction-keeps-moves": _COMPACTION + "::test_a_move_is_told_after_compaction",
    "compaction-announced": _COMPACTION + "::test_feed_above_the_compacted_part_stays_dense",
    "floor-keeps-head": _COMPACTION + "::test_rows_beyond_the_floor_go_and_the_head_stays",
    "keep-since-rises": _COMPACTION + "::test_keep_since_rises_by_days_and_never_falls",
    "retention": _REPLICA + "/test_retention.py::test_old_tickets_go_without_a_trace",
    "retention-spares-unsent": _REPLICA + "/test_retention.py::test_unsent_work_keeps_an_old_ticket",
    "erasure-ledger": _OPERATIONS + "/test_backup.py::test_what_was_erased_after_the_backup_is_erased_again",
    "erasure-late": _OPERATIONS + "/test_erasing.py::test_a_late_command_brings_nothing_back",
    "legal-hold": _OPERATIONS + "/test_erasing.py::test_a_hold_forbids_erasure_until_it_is_lifted",
    "proof": _RETURNING + "::test_a_number_without_proof_is_not_given_back",
    "group-disjoint": _PUSH + "/test_groups.py::test_what_shares_a_ticket_or_a_device_keeps_its_order",
    "grants-by-version": _PUSH + "/test_push.py::test_repeated_conflict_hides_internal_values",
    "revocation-proof": _SYNC + "/test_leaving.py::test_a_word_without_proof_is_not_believed",
    "lease-monotonic": _LEASE + "::test_nothing_done_to_the_clocks_gives_time_that_passed_awake",
    "code-once": _LEASE + "::test_a_code_given_by_telephone_opens_it_once",
    "code-attempts": _LEASE + "::test_codes_can_not_be_guessed",
    "pages-as-old": _SYNC + "/test_ahead.py::test_pages_together_are_as_old_as_the_oldest",
    "snapshot-for-all": _SNAPSHOT + "::test_who_may_not_see_everything_is_offered_nothing",
    "snapshot-erasures": _SNAPSHOT + "::test_snapshot_from_before_an_erasure_is_neither_offered_nor_given",
    "snapshot-moved": _SNAPSHOT + "::test_snapshot_with_what_followed_is_what_comes_row_by_row",
    "attachment-class": _API + "/test_attachments.py::test_class_of_the_row_decides",
    "attachment-unsent": _FILES + "::test_own_bytes_stay_until_server_and_command_are_done",
    "attachment-purge": _FILES + "::test_lost_scope_takes_fetched_bytes_along",
    "values-compared": _PUSH + "/test_push.py::test_conflict_keeps_the_servers_value_and_tells_both",
    "members-merged": "tests/domain/rules/test_merge.py"
    "::test_members_contain_what_was_added_and_lack_what_was_removed",
    "content-compared": _PUSH + "/test_push.py::test_same_id_with_other_content_is_rejected",
    "dependents-blocked": _PUSH
    + "/test_push.py::test_dependents_of_a_refused_create_are_blocked_and_others_go_on",
    "stolen-at-once": _SYNC + "/test_leaving.py::test_a_stolen_device_brings_nothing",
    "time-reported": "tests/desktop/test_server_time.py::test_a_start_with_a_clock_that_fits_is_still_noticed",
    "repairs-alarm": _INTEGRITY + "::test_more_than_three_repairs_a_day_raise_an_alarm",
    "lock-out": "tests/desktop/test_credentials.py::test_wrong_passwords_lock_for_longer_and_longer",
    "too-old-freezes": _SYNC + "/test_versions.py::test_a_program_too_old_freezes_and_keeps_its_outbox",
    "lines-merged": "tests/domain/rules/test_decide.py::test_long_text_merges_by_lines",
    "keyring-part": "tests/desktop/test_credentials.py"
    "::test_the_password_alone_is_not_enough_where_there_is_a_keyring",
    "back-off-ends": _SYNC + "/test_lanes.py::test_a_pull_that_succeeded_ends_all_waiting_for_the_network",
    "verdict-own": _PUSH + "/test_push.py::test_a_verdict_is_told_to_its_own_person_only",
    "verdicts-kept": _COMPACTION + "::test_verdicts_are_kept_for_half_a_year_whatever_is_set",
    "pages-bounded": _FEED + "/test_reader.py::test_pages_are_bounded_by_their_bytes",
    "savepoint-undone": _SERVER
    + "/store/test_unit_of_work.py::test_what_was_taken_back_takes_no_number_in_the_feed",
    "deadlock-repeated": _SERVER
    + "/store/test_engine.py::test_transactions_that_wait_for_each_other_are_repeated",
}
"""By safeguard that stories seldom or never reach, the test that notices its absence."""


@contextmanager
def without(name: str | None, *, everywhere: bool = False) -> Iterator[None]:
    """Take one safeguard away for the length of the block.

    Stories go through the mutant's own places; a directed test may have the function under another module's name, so
    that it is taken away `everywhere`.
    """
    if name is None:
        yield
        return
    _, places, make = _ALL[name]
    if everywhere:
        places = tuple(place for one in places for place in _holders(*one))
    real = [(place, attribute, getattr(place, attribute)) for place, attribute in places]
    for place, attribute, function in real:
        setattr(place, attribute, make(function))
    try:
        yield
    finally:
        for place, attribute, function in real:
            setattr(place, attribute, function)


def _holders(place: Any, attribute: str) -> list[Place]:
    """Where our own modules hold the same function."""
    real = getattr(place, attribute)
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in _OURS]
    held = [(one, name) for one in modules for name, value in vars(one).items() if value is real]
    return held if callable(real) and (place, attribute) in held else [(place, attribute)]
