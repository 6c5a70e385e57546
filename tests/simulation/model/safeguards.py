"""The safeguards of the protocol, each a switch that a mutant turns off."""

from typing import TYPE_CHECKING

MUTANTS: dict[str, str] = {
    "seq_last": "The feed's number is taken when the transaction begins, as a sequence would give it.",
    "feed_with_rows": "A change row is written in a later transaction than the ticket it tells of.",
    "one_snapshot": "A pull reads tickets and their children in two snapshots.",
    "row_locks": "Tickets are decided on without being locked.",
    "nonce": "A cursor is a bare number, without the nonce of its change row.",
    "seen_token": "Only the cursor is checked against the server's past, not the newest answer seen.",
    "old_coordinates": "A change row holds the new unit alone, so a transfer is not told to those who lose it.",
    "new_coordinates": "A change row holds the old unit alone.",
    "leave_on_transfer": "A pull sends what may be seen and nothing for what no longer may.",
    "names_people": "A change row does not name those who join or leave.",
    "taking_part": "A pull looks at units only, not at who takes part.",
    "project_classes": "Children go out without regard to their class.",
    "compaction_in_feed": "A compaction takes no number, so a server that goes back to before it is not noticed.",
    "compaction_keeps_units": "Compaction keeps the newest coordinates only, losing a leave on the way.",
    "since_checked": "A replica takes a delta whatever revision it holds (rows by cursor instead of by revision).",
    "access_checked": "A replica takes a delta projected to other classes than what it holds.",
    "by_revision": "Rows are taken as they arrive, not only if their revision is newer.",
    "whole_replaces": "A whole ticket is merged into what is held instead of replacing it.",
    "wanted_asked": "Tickets that a delta did not fit are not asked for.",
    "wanted_kept": "The list of tickets to ask for lives in memory only.",
    "from_checked": "A page is taken whatever cursor it starts from.",
    "page_one_transaction": "A page's cursor is committed before its rows.",
    "poke_is_a_hint": "A poke moves the cursor.",
    "as_of_checked": "A back-fill page older than the cursor is taken.",
    "fill_one_transaction": "A back-fill's place is committed before its rows.",
    "head_before_fill": "A first sync takes the head after the back-fill, not before.",
    "version_checked": "Rows that come under another scope version are taken.",
    "version_compared": "The server answers a pull whatever scope version it was asked with.",
    "purge": "What a grant no longer covers stays.",
    "purge_by_reason": "A purge takes the difference of the two lists of units, whoever takes part.",
    "purge_by_base": "A purge judges the ticket as shown, unsent edits included.",
    "wanted_survives_purge": "A purge forgets that a ticket was to be asked for, though what is held of it is stale.",
    "classes_asked_again": "Tickets whose classes changed with a grant are not asked for again.",
    "gained_filled": "A range that came is not back-filled.",
    "mine_filled": "A first sync fills units only, not the tickets a person takes part in.",
    "fill_restarts": "A range that was lost and came again goes on where its back-fill had stopped.",
    "gone_purges": "A ticket answered as gone stays.",
    "tombstones": "An erased child is deleted instead of staying as a tombstone.",
    "grants_in_feed": "Changes of grants and of the tree take no number in the feed.",
    "dedupe": "A command that comes again is decided again.",
    "verdict_with_effect": "A verdict is stored in a transaction after its effect.",
    "verdict_to_any_device": "A stored verdict is refused to another device of the same person (a copied replica).",
    "entry_id_derived": "A timeline row gets an id of its own at each end.",
    "number_once": "The number is given on each try.",
    "retry_keeps_order": "After a retry later commands on the same ticket go on.",
    "depends_on": "What a command depends on is not looked at.",
    "orphans_withdrawn": "What depends on a command that will never reach the server is sent for ever.",
    "push_no_checked": "A push number that was seen before is not noticed.",
    "repeat_is_no_copy": "A request that arrives twice is taken for one of a copied desktop.",
    "push_no_kept": "The push number lives in memory only.",
    "sent_kept": "That a command was sent is remembered in memory only.",
    "sent_stays": "A command that was sent goes to needs attention when its ticket leaves.",
    "unsent_to_attention": "A command never sent is dropped with its ticket.",
    "outbox_kept": "A copied replica that registers anew starts with an empty outbox.",
    "resent_create_first": "A create that is sent again goes behind the commands on its ticket.",
    "withdraw": "A command is set aside without asking the server to forget it.",
    "halving": "Batches that fail are not halved.",
    "attention": "A refused command stays at the head of the outbox.",
    "verdict_final": "A command is taken for done when it was sent.",
    "ack_kept": "An acknowledged command is dropped before the ticket shows it.",
    "ack_dropped": "Acknowledged commands are never dropped.",
    "ack_by_rev": "An acknowledged command is dropped when the cursor passes its seq.",
    "replay_from_base": "Unsent commands are replayed over the ticket as shown (twice), not over its base.",
    "replay_asks_no_level": "A replay refuses what the person's level no longer allows.",
    "own_wins": "A replay refuses what no longer fits.",
    "rebase_on_page": "A page does not replay the unsent commands.",
    "pull_not_behind_outbox": "Pulling waits for an empty outbox.",
    "clock_bounded": "The device's clock is believed without bounds.",
    "reset_asks_all": "After a new epoch, what is held is believed.",
}  # fmt: skip
"""The switch, and what the product would do without it."""


class Safeguards:
    """Every safeguard on, but the one that a mutant removes."""

    __slots__ = tuple(MUTANTS)

    def __init__(self, without: str | None = None) -> None:
        for name in MUTANTS:
            setattr(self, name, name != without)
        if without is not None and without not in MUTANTS:
            raise KeyError(without)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> bool:
            """Each name in MUTANTS is a switch."""
