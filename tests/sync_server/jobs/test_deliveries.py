"""Messages leave after the commit that causes them, once as far as anybody can tell, and to nobody who may not see."""

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from domain.entities.notices import NoticeRule, NoticeTemplate, NoticeText, Quiet
from domain.wire.commands import AssignTicket, ChangeStatus, Reply, TransferTicket
from sync_server.channels.sending import Letter, SendError
from sync_server.jobs.deliveries import LEASE_MS
from sync_server.jobs.sweep import Sweep
from sync_server.store import delivery_queue as queue
from sync_server.store import tables as t
from sync_server.store.configuration_writer import Edit
from sync_server.store.engine import Store
from tests.sync_server.jobs.post import CUSTOMER, HOUR_MS, MAIL, MINUTE_MS, TOLD, Desk, message


def test_a_rule_tells_the_players_of_its_parts_who_may_see(store: Store) -> None:
    """Assignee and superior are told by mail and inside; a named person of another unit is told nothing."""
    desk = Desk(store)
    desk.rule(TOLD)
    ticket = desk.ticket()
    desk.chain.do("max", desk.chain.command("assign", AssignTicket(assignee="amy"), ticket=ticket))
    assert desk.worker().run() == 2
    told = {letter.to: letter for _, letter in desk.post.letters}
    assert set(told) == {"amy@x.test", "eva@x.test"}
    assert told["amy@x.test"].subject == "工单 100001"
    assert told["amy@x.test"].body == "e1：Till，amy"
    with store.read() as conn:
        kinds = conn.execute(select(t.notice.c.person).where(t.notice.c.kind == "news")).scalars()
        assert sorted(kinds) == ["amy", "eva"]
    assert desk.worker().run() == 0  # nothing is sent twice


def test_the_customer_is_told_of_receipt_progress_and_result(store: Store) -> None:
    """The customer's phone comes from the personal values at the moment of sending, and stands in no row."""
    desk = Desk(store)
    desk.rule(CUSTOMER)
    ticket = desk.ticket()
    chain = desk.chain
    chain.do("amy", chain.command("reply", Reply(body="We look"), ticket=ticket))
    desk.worker().run()
    chain.do("amy", chain.command("status", ChangeStatus(to="resolved"), ticket=ticket))
    desk.worker().run()
    assert [letter.to for _, letter in desk.post.letters] == ["13800138000"] * 3
    assert desk.post.letters[-1][1].body == "单号 100001 已解决"
    with store.read() as conn:
        assert all("138" not in str(tuple(row)) for row in conn.execute(select(t.delivery)))


def test_an_erased_customer_is_told_nothing_more(store: Store) -> None:
    """What was erased between queueing and sending reaches nobody."""
    desk = Desk(store)
    desk.rule(CUSTOMER)
    desk.ticket()
    with store.write() as conn:
        conn.execute(update(t.personal).values(value=None, erased=True))
        conn.commit()
    assert desk.worker().run() == 0
    assert desk.rows() == {"/sms": ("dropped", "no_address")}


def test_sight_is_asked_again_before_sending(store: Store) -> None:
    """Who lost their grant after the message was queued is not told."""
    desk = Desk(store)
    ticket = desk.ticket()
    desk.queue(message(ticket, "eva"), message(ticket, "amy"))
    with store.write() as conn:
        conn.execute(t.grant.delete().where(t.grant.c.person == "eva"))
        conn.commit()
    assert desk.worker().run() == 1
    assert desk.rows() == {"eva/mail": ("dropped", "may_not_see"), "amy/mail": ("sent", "sent")}


def test_the_same_message_is_queued_once(store: Store) -> None:
    """One per rule, ticket, revision, recipient and channel, in one transaction or in many."""
    desk = Desk(store)
    ticket = desk.ticket()
    desk.queue(message(ticket), message(ticket), message(ticket, rev=2))
    desk.queue(message(ticket))
    desk.queue(message(ticket, channel="app"), message(ticket, channel="app"))
    assert desk.worker().run() == 2
    with store.read() as conn:
        assert len(conn.execute(select(t.notice).where(t.notice.c.kind == "news")).all()) == 1


def test_what_fails_is_tried_again_with_growing_pauses(store: Store) -> None:
    """Nothing is tried before its time; the pauses grow; at the end it is given up, and may be retried by hand."""
    desk = Desk(store)
    desk.queue(message(desk.ticket()))

    def refuse(_letter: Letter) -> None:
        raise SendError("smtp_451")

    desk.post.fails = refuse
    pauses = []
    while True:
        desk.worker().run()
        desk.worker().run()  # a second look at the same moment tries nothing
        with store.read() as conn:
            (row,) = queue.listed(conn)
        if row.state == "failed":
            break
        pauses.append(row.due_at - desk.clock.at)
        desk.clock.at = row.due_at
    assert desk.post.tried == len(pauses) + 1
    assert 15_000 <= pauses[0] <= 30_000
    assert 2 * pauses[0] < pauses[3] < pauses[-1] <= HOUR_MS
    assert row.outcome == "smtp_451"
    with store.write() as conn:
        assert len(queue.attempts_of(conn, row.id)) == len(pauses) + 1
        assert queue.retry(conn, ids=[row.id], channel="", now=desk.clock.at) == 1
        conn.commit()
    desk.post.fails = lambda letter: None
    assert desk.worker().run() == 1


def test_what_is_refused_for_good_is_not_tried_again(store: Store) -> None:
    """A lasting refusal ends the message at once; the record names its code, never a text."""
    desk = Desk(store)
    desk.queue(message(desk.ticket()))

    def refuse(_letter: Letter) -> None:
        raise SendError("address_550", permanent=True)

    desk.post.fails = refuse
    desk.worker().run()
    assert desk.rows() == {"amy/mail": ("failed", "address_550")}


def test_a_channel_that_is_away_is_asked_once_in_a_turn(store: Store) -> None:
    """While a mail server is away, its messages wait without a storm, and the other channels go on."""
    desk = Desk(store)
    ticket = desk.ticket()
    desk.queue(
        *(message(ticket, rev=rev) for rev in range(30)),
        message(ticket, "", to_kind="customer", channel="sms"),
    )

    def away(letter: Letter) -> None:
        if "@" in letter.to:
            raise SendError("unreachable", away=True)

    desk.post.fails = away
    assert desk.worker().run() == 1
    assert desk.post.tried == 2
    desk.post.fails = lambda letter: None
    desk.clock.at += HOUR_MS
    assert desk.worker().run() == 30


def test_a_worker_killed_while_sending_loses_nothing(store: Store) -> None:
    """Its claim runs out; then another sends the letter again, under the id that the channel knows."""
    desk = Desk(store)
    desk.queue(message(desk.ticket()))

    class Killed(BaseException):
        """What a process that ends leaves behind: nothing."""

    def die(letter: Letter) -> None:
        desk.post.letters.append(("mail", letter))  # the channel has it; nobody wrote that down
        raise Killed

    desk.post.fails = die
    with pytest.raises(Killed):
        desk.worker().run()
    desk.post.fails = lambda letter: None
    assert desk.worker().run() == 0
    desk.clock.at += LEASE_MS
    assert desk.worker().run() == 1
    ids = [letter.id for _, letter in desk.post.letters]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    with store.read() as conn:
        (row,) = queue.listed(conn)
        assert [outcome for *_, outcome in queue.attempts_of(conn, row.id)] == ["", "sent"]


def test_a_worker_that_was_too_slow_writes_nothing_of_what_another_took_over(store: Store) -> None:
    """The outcome of a claim that ran out doesn't touch the message any more."""
    desk = Desk(store)
    desk.queue(message(desk.ticket()))

    def slow(_letter: Letter) -> None:
        desk.post.fails = lambda letter: None
        desk.clock.at += LEASE_MS
        assert desk.worker().run() == 1
        raise SendError("address_550", permanent=True)

    desk.post.fails = slow
    desk.worker().run()
    assert desk.rows() == {"amy/mail": ("sent", "sent")}


def test_two_workers_share_the_queue(store: Store) -> None:
    """A worker that begins while another sends passes over what that one has claimed."""
    desk = Desk(store)
    ticket = desk.ticket()
    desk.queue(*(message(ticket, rev=rev) for rev in range(25)))
    second: list[int] = []

    def meanwhile(_letter: Letter) -> None:
        desk.post.fails = lambda letter: None
        second.append(desk.worker().run())

    desk.post.fails = meanwhile
    assert desk.worker().run() == 20
    assert second == [5]
    assert len({letter.id for _, letter in desk.post.letters}) == len(desk.post.letters) == 25


def test_quiet_hours_put_off_all_but_the_urgent(store: Store) -> None:
    """In quiet hours a message waits until they end, without an attempt; an urgent one goes out."""
    desk = Desk(store)
    # START + 1 h is Wednesday 2026-11-18, 20:06 in Shanghai.
    quiet = Quiet(weekly=(((0, 480), (1200, 1440)),) * 7)
    desk.configure(Edit(kind="notice_channel", id="mail", entity=replace(MAIL, quiet=quiet)))
    ticket = desk.ticket()
    desk.queue(message(ticket), message(ticket, rev=2, urgent=True))
    assert desk.worker().run() == 1
    with store.read() as conn:
        (row,) = queue.listed(conn, states=["waiting"])
    assert row.attempts == 0
    assert row.due_at > desk.clock.at
    desk.clock.at = row.due_at - 1
    assert desk.worker().run() == 0
    desk.clock.at = row.due_at
    assert desk.worker().run() == 1


def test_a_paced_channel_sends_no_faster(store: Store) -> None:
    """A channel takes so many messages a minute, the others are not kept waiting by it."""
    desk = Desk(store)
    desk.configure(Edit(kind="notice_channel", id="mail", entity=replace(MAIL, per_minute=3)))
    ticket = desk.ticket()
    desk.queue(
        *(message(ticket, rev=rev) for rev in range(30)),
        message(ticket, "", to_kind="customer", channel="sms"),
    )
    assert desk.worker().run() == 4
    assert desk.worker().run() == 0
    desk.clock.at += MINUTE_MS
    assert desk.worker().run() == 3


def test_news_that_is_old_goes_to_nobody(store: Store) -> None:
    """After a long outage nobody is told what was news yesterday, nor by a rule of what was done long ago."""
    desk = Desk(store)
    ticket = desk.ticket()
    desk.queue(message(ticket))
    desk.clock.at += 25 * HOUR_MS
    assert desk.worker().run() == 0
    assert desk.rows() == {"amy/mail": ("dropped", "too_old")}
    desk.rule(replace(TOLD, oldest_s=0))
    give = desk.chain.command("assign", AssignTicket(assignee="amy"), ticket=ticket)
    desk.chain.do("max", give)
    assert set(desk.rows()) == {"amy/mail"}


def test_what_ended_long_ago_is_forgotten(store: Store) -> None:
    """Half a year after it ended a message is gone with its attempts; one that waits stays."""
    desk = Desk(store)
    ticket = desk.ticket()
    desk.queue(message(ticket))
    desk.worker().run()
    desk.clock.at += 181 * 24 * HOUR_MS
    desk.queue(message(ticket, rev=2))
    assert desk.worker().forget() == 1
    with store.read() as conn:
        assert [one.state for one in queue.listed(conn)] == ["waiting"]
        assert conn.execute(select(t.delivery_attempt)).all() == []


def test_rules_and_deadlines_bring_their_own_words(store: Store) -> None:
    """What a rule says goes out as it says it; what the program tells inside has words outside, too."""
    desk = Desk(store)
    ticket = desk.ticket()
    args = {"title": "夜班", "text": "请处理 {number}"}
    desk.queue(
        message(ticket, template="rule", args=args),
        message(ticket, "eva", template="late"),
        message(ticket, "", to_kind="customer", channel="sms", template="rule", args=args),
        message(ticket, "max", template="nobody-knows"),
    )
    assert desk.worker().run() == 3
    by_address = {letter.to: letter for _, letter in desk.post.letters}
    assert by_address["amy@x.test"].subject == "100001 夜班"
    assert by_address["amy@x.test"].body == "请处理 {number}\n100001 Till"
    assert by_address["eva@x.test"].subject == "100001 已超时"
    assert by_address["13800138000"].subject == "100001"
    assert ("dropped", "template_gone") in desk.rows().values()


def test_a_clock_that_is_late_is_told_once_by_rules(store: Store) -> None:
    """The superior is told by mail as the deadline passes, once, and again of no later sweep."""
    desk = Desk(store)
    desk.rule(
        NoticeRule(id="late", events=("late",), roles=("superior",), channels=("mail",), template="late")
    )
    ticket = desk.ticket()
    desk.chain.do("max", desk.chain.command("assign", AssignTicket(assignee="amy"), ticket=ticket))
    desk.chain.clock.skip(HOUR_MS)
    sweep = Sweep(desk.chain.pusher, configurations=desk.chain.configurations, trees=desk.chain.trees)
    assert sweep.run() == 1
    assert sweep.run() == 0
    desk.clock.at += HOUR_MS
    assert desk.worker().run() == 1
    assert [letter.to for _, letter in desk.post.letters] == ["eva@x.test"]


def test_why_somebody_urges_is_read_as_it_goes_out(store: Store) -> None:
    """The reason stands in the timeline alone: what was erased meanwhile is not passed on."""
    desk = Desk(store)
    ticket = desk.ticket()
    with store.read() as conn:
        entry = conn.execute(select(t.entry.c.id).where(t.entry.c.ticket == ticket)).scalar_one()
    with store.write() as conn:
        conn.execute(update(t.entry).where(t.entry.c.id == entry).values(body="Called twice"))
        conn.commit()
    urging = NoticeTemplate(id="urging", texts={"zh": NoticeText(body="{by}: {reason}")})
    desk.configure(Edit(kind="notice_template", id="urging", entity=urging))
    args = {"by": "max", "entry": entry}
    desk.queue(
        message(ticket, template="urging", args=args), message(ticket, "eva", template="urging", args=args)
    )
    assert desk.worker().run() == 2
    assert [letter.body for _, letter in desk.post.letters] == ["max: Called twice"] * 2
    desk.queue(message(ticket, rev=2, template="urging", args=args))
    with store.write() as conn:
        conn.execute(update(t.entry).where(t.entry.c.id == entry).values(body=None, erased=True))
        conn.commit()
    desk.worker().run()
    assert desk.post.letters[-1][1].body == "max: "


def test_a_message_that_waited_tells_of_what_happened(store: Store) -> None:
    """Unit and status are those of the change, though the ticket has moved on before anything went out."""
    desk = Desk(store)
    chain = desk.chain
    text = NoticeTemplate(id="fact", texts={"zh": NoticeText(subject="{number}", body="{store} {status}")})
    desk.configure(Edit(kind="notice_template", id="fact", entity=text))
    desk.rule(
        NoticeRule(id="fact", events=("status",), roles=("creator",), channels=("mail",), template="fact")
    )
    ticket = desk.ticket()
    chain.do("max", chain.command("status", ChangeStatus(to="pending"), ticket=ticket))
    chain.do("max", chain.command("transfer", TransferTicket(org="e2", note="theirs"), ticket=ticket))
    chain.do("max", chain.command("status", ChangeStatus(to="resolved"), ticket=ticket))
    desk.worker().run()
    with store.read() as conn:
        names = dict(conn.execute(select(t.org_unit.c.id, t.org_unit.c.name)).all())
    bodies = sorted(letter.body for _, letter in desk.post.letters)
    assert bodies == sorted([f"{names['e1']} 待客户反馈", f"{names['e2']} 已解决"])
