"""The page of one ticket, and the other lists."""

from desktop.commands import hand_over, local, write
from desktop.replica.queries import attention, config, drafts, outbox, reminders, sync_state
from desktop.replica.queries.tickets import rows, ticket
from tests.desktop.replica.desk import Desk
from tests.desktop.replica.station import Station


def test_page_names_everybody(ann: Station) -> None:
    """The ticket with its timeline, the names in it, what is unsent and what the person may do."""
    id = ann.create(description="the story", personal={"name": "Ms Chen"})
    hand_over.assign(ann.runner, [id], assignee="bob", note="please")
    with ann.replica.read() as conn:
        page = ticket(conn, id, ann.clock.now())
        assert ticket(conn, "gone", 0) is None
    assert page is not None
    assert page.number == "\u4e34-K7Q2-0001"
    assert page.people == {"ann": "ann", "bob": "bob"}
    assert page.store_path == ("cn", "north", "s1")
    assert [entry.kind for entry in page.entries] == ["created", "assigned", "note"]
    assert page.local_entries == {entry.id for entry in page.entries}
    assert [one.command.kind for one in page.unsent] == ["create", "assign"]
    assert "reply" in page.may
    assert page.template is not None


def test_unread_is_what_others_did_since(ann: Station, bob: Station) -> None:
    """Looking marks as read; own doing stays read, others' does not."""
    id = ann.create()
    hand_over.assign(ann.runner, [id], assignee="bob")
    ann.settle()
    bob.settle()

    def unread(station: Station) -> bool:
        with station.replica.read() as conn:
            return rows(conn, [id])[0].unread

    assert unread(bob)
    local.mark_seen(bob.replica, [id])
    assert not unread(bob)
    write.reply(bob.runner, id, body="done soon")
    bob.settle()
    assert not unread(bob)
    ann.settle()
    local.mark_seen(ann.replica, [id])
    write.note(ann.runner, id, body="thanks")
    ann.settle()
    bob.settle()
    assert unread(bob)
    assert not unread(ann)


def test_outbox_and_attention_keep_their_words(ann: Station, desk: Desk) -> None:
    """What waits is listed with its ticket, what was refused with its reason and full text."""
    id = ann.create("No till roll", description="whole text")
    with ann.replica.read() as conn:
        waiting = outbox.unsent(conn)
    assert [(one.ticket, one.kind, one.subject) for one in waiting] == [(id, "create", "No till roll")]
    desk.grant("ann")
    ann.settle()
    with ann.replica.read() as conn:
        [item] = attention.items(conn)
        assert attention.item(conn, item.num) == item
    assert (item.kind, item.code, item.held) == ("rejected", "out_of_scope", False)
    assert (item.subject, item.number) == ("No till roll", "\u4e34-K7Q2-0001")
    assert item.command.set["description"] == "whole text"


def test_sync_state_counts(ann: Station) -> None:
    """Figures of the status bar."""
    ann.create()
    with ann.replica.read() as conn:
        state = sync_state.sync_state(conn)
    assert (state.unsent, state.attention, state.tickets, state.wanted) == (1, 0, 1, 0)
    assert (state.filling, state.phase, state.behind) == (False, "", 0)
    assert state.ranges == state.ranges_done > 0
    assert state.oldest_unsent_at == ann.clock.now()


def test_drafts_and_reminders_are_kept(ann: Station) -> None:
    """A draft holds the last keystroke; a reminder comes once unless it is snoozed."""
    replica = ann.replica
    for body in ("h", "he", "hello"):
        local.save_draft(replica, "d1", kind="reply", body=body, at=len(body))
    local.remind(replica, "r1", ticket="t", due_at=10, words="call back")
    with replica.read() as conn:
        assert drafts.draft(conn, "d1") == drafts.drafts(conn, "reply")[0]
        assert drafts.drafts(conn)[0].body == "hello"
        assert [one.id for one in reminders.waiting(conn)] == ["r1"]
    local.snooze(replica, "r1", until=20)
    local.drop_draft(replica, "d1")
    with replica.read() as conn:
        assert [one.due_at for one in reminders.waiting(conn)] == [20]
        assert drafts.drafts(conn) == []
    local.reminder_done(replica, "r1")
    with replica.read() as conn:
        assert reminders.of_ticket(conn, "t") == []
        found = reminders.reminder(conn, "r1")
        assert found is not None
        assert found.state == "done"


def test_directory_is_found_by_name_and_initials(ann: Station) -> None:
    """Units and people as a picker asks for them."""
    with ann.replica.read() as conn:
        assert [one.id for one in config.units(conn, "s", kind="store")] == ["s1", "s2", "s3", "south"]
        assert [one.above for one in config.units(conn, "s3")] == ["south"]
        assert [one.name for one in config.people(conn, "b")] == ["bob"]
        assert [one.id for one in config.units_to_create_in(conn)] == ["s1"]
        assert [one.id for one in config.templates(conn)] == ["t1"]
        assert config.template(conn, "t1", 1) is not None
        assert config.template(conn, "t1", 2) is None
        assert [one.id for one in config.categories(conn)[""]] == ["c1"]
        assert config.unit(conn, "s1") is not None
        assert config.person(conn, "ann") is not None
        assert config.people_names(conn)["eve"] == "eve"
        for nothing in (config.teams(conn), config.lines(conn), config.policies(conn)):
            assert not nothing
        assert config.text_modules(conn, "ann") == []
        assert config.calendars(conn) == {}
