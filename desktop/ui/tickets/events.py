"""What happened to a ticket, as one line of words: 林晓雯 接单, 郭婷 把优先级从正常改为高."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from desktop.ui.text import has_text, tr
from desktop.ui.tickets.flow_words import FLOW_KINDS, flow_event, node_words
from desktop.ui.tickets.flow_words import GLYPHS as FLOW_GLYPHS
from desktop.ui.times import moment
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from domain.entities.base import Instant
from domain.entities.ticket import Entry
from domain.wire.attachments import refs_of

MESSAGES = frozenset({"message", "reply", "note"})
"""Kinds that are said rather than done; they are bubbles in the conversation."""


class Names(Protocol):
    """Gives the names of what entries name by id; an unknown id gives itself or nothing."""

    def person(self, id: str | None) -> str: ...
    def unit(self, id: str | None) -> str: ...
    def team(self, id: str | None) -> str: ...
    def line(self, id: str | None) -> str: ...
    def category(self, id: str | None) -> str: ...


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: its icon, what was done, by whom, and below it what was said."""

    id: str
    glyph: str
    words: str
    who: str
    at: Instant
    detail: str = ""
    tone: str = "text2"
    unsent: bool = False


_GLYPHS = {
    "created": "plus-circle",
    "message": "chat-circle-text",
    "reply": "paper-plane-tilt",
    "note": "lock-simple",
    "priority": "flag",
    "assigned": "user-plus",
    "taken": "hand",
    "transferred": "arrow-bend-up-right",
    "routed": "git-fork",
    "edited": "pencil-simple",
    "attached": "paperclip",
    "cc": "at",
    "tags": "tag",
    "policy": "timer",
    "sla": "timer",
    "returned": "arrow-bend-up-left",
    "rule": "lightning",
    "macro": "magic-wand",
    "urged": "megaphone-simple",
    "split": "git-fork",
    "linked": "link",
    "unlinked": "link",
    "history": "clock-counter-clockwise",
    "merged_into": "git-merge",
    "merged_from": "git-merge",
    "unmerged": "arrow-u-up-left",
    "unmerged_from": "arrow-u-up-left",
    "redirected": "arrow-bend-up-right",
    **FLOW_GLYPHS,
}
_STATUS_GLYPHS = {
    "open": ("circle-half", "accent"),
    "pending": ("chat-circle-dots", "text2"),
    "on_hold": ("pause-circle", "text2"),
    "resolved": ("check-circle", "ok"),
    "closed": ("check-circle-fill", "text2"),
}


class Wording:
    """Puts entries into words; `labels` are the template's names of its fields."""

    def __init__(
        self,
        names: Names,
        labels: Mapping[str, str],
        *,
        me: str,
        now_at: Instant,
        customer: str = "",
        tickets: Mapping[str, str] | None = None,
    ) -> None:
        self._names, self._labels, self._customer = names, labels, customer
        self._me, self._now_at = me, now_at
        self._tickets = tickets or {}  # numbers of those it names

    def event(self, entry: Entry) -> Event:
        """The entry as a line of the history."""
        tell = _TELLERS.get(entry.kind)
        words = tell(self, entry) if tell else tr("ticket.event.other", kind=entry.kind)
        glyph, tone = _GLYPHS.get(entry.kind, "info"), "text2"
        if entry.kind == "status":
            glyph, tone = _STATUS_GLYPHS.get(str(entry.detail.get("to")), ("circle-dashed", "text2"))
        return Event(
            id=entry.id,
            glyph=glyph,
            tone="note" if entry.kind == "note" else tone,
            words=words,
            who=self._customer or self.who(entry.person)
            if entry.kind == "message"
            else self.who(entry.person),
            at=entry.at,
            detail=self._detail(entry),
            unsent=entry.rev == 0,
        )

    def elsewhere(self, entry: Entry) -> str:
        """What another system's log told, in its own words."""
        words = entry.body or tr("ticket.event.history.silent")
        by = str(entry.detail.get("by") or "")
        key = "ticket.event.history.by" if by else "ticket.event.history"
        return tr(key, what=words, by=by)

    def who(self, person: str | None) -> str:
        """A person's name, 我 for oneself, 系统 for nobody."""
        if person is None:
            return tr("ticket.system")
        return tr("ticket.me") if person == self._me else self._names.person(person)

    def name(self, person: str | None) -> str:
        """A person's name, one's own, too."""
        return tr("ticket.system") if person is None else self._names.person(person)

    def node(self, key: str) -> str:
        """The name of a node of the ticket's flow."""
        return node_words(key, {key: self._labels.get(f"@{key}", "")})

    def _detail(self, entry: Entry) -> str:
        if entry.erased:
            return tr("ticket.erased")
        if entry.kind == "status" and entry.detail.get("reason"):
            return str(entry.detail["reason"])
        if entry.kind == "edited":
            return "\n".join(self._edits(entry.detail))
        names = "\n".join(ref.name for ref in refs_of(entry.detail))
        return "\n".join(filter(None, (entry.body, names)))

    def _edits(self, detail: Mapping[str, Any]) -> list[str]:
        lines = []
        for key, told in detail.items():
            label = self.label(key)
            if not isinstance(told, Mapping) or "to" not in told:
                lines.append(label)
                continue
            before, after = (self._value(key, told.get(end)) for end in ("from", "to"))
            lines.append(tr("ticket.event.value", label=label, before=before, after=after))
        return lines

    def label(self, key: str) -> str:
        """The name of a value by its key: 主题, 退款金额."""
        room, _, name = key.partition(".")
        if name:
            return self._labels.get(name, name)
        return tr(f"ticket.key.{room}") if has_text(f"ticket.key.{room}") else room

    def _value(self, key: str, value: Any) -> str:
        if value in (None, "", [], ()):
            return tr("ticket.empty_value")
        if key == "category":
            return self._names.category(str(value)) or str(value)
        if key == "priority":
            return priority_text(str(value))
        if isinstance(value, bool):
            return tr("form.yes" if value else "form.no")
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    def created(self, entry: Entry) -> str:
        """微信进线, 建单."""
        channel = str(entry.detail.get("channel") or "")
        key = f"channel.{channel}"
        if channel in ("", "desktop") or not has_text(key):
            return tr("ticket.event.created")
        return tr("ticket.event.created_by", channel=tr(key))

    def message(self, entry: Entry) -> str:
        """客户留言, 公开回复, 内部备注."""
        return tr(f"ticket.event.{entry.kind}")

    def status(self, entry: Entry) -> str:
        """挂起到明天 09:00, 解决, 重开; else from and to."""
        before, after = str(entry.detail.get("from")), str(entry.detail.get("to"))
        if after == "on_hold" and entry.detail.get("until"):
            until = moment(int(entry.detail["until"]), self._now_at, full=True)
            return tr("ticket.event.on_hold", until=until)
        if entry.detail.get("why") == "taken":
            return tr("ticket.event.status", before=status_text(before), after=status_text(after))
        if before == "resolved" and after == "open":
            return tr("ticket.event.reopened")
        if before in ("pending", "on_hold") and after == "open":
            return tr("ticket.event.resumed")
        key = f"ticket.event.to_{after}"
        if has_text(key):
            return tr(key)
        return tr("ticket.event.status", before=status_text(before), after=status_text(after))

    def priority(self, entry: Entry) -> str:
        """优先级从正常改为高."""
        before, after = (priority_text(str(entry.detail.get(end))) for end in ("from", "to"))
        return tr("ticket.event.priority", before=before, after=after)

    def handed(self, entry: Entry) -> str:
        """分派给郭婷, 转派到国贸店 · 郭婷."""
        to = entry.detail.get("to") or {}
        before = entry.detail.get("from") or {}
        places = []
        if to.get("org") and to.get("org") != before.get("org"):
            places.append(self._names.unit(to["org"]))
        if to.get("line") and to.get("line") != before.get("line"):
            places.append(self._names.line(to["line"]))
        if to.get("team"):
            places.append(self._names.team(to["team"]))
        if to.get("assignee"):
            places.append(self.who(to["assignee"]))
        where = " · ".join(place for place in places if place) or tr("ticket.queue")
        return tr(f"ticket.event.{entry.kind}", where=where)

    def taken(self, entry: Entry) -> str:
        """接单."""
        return tr("ticket.event.taken")

    def routed(self, entry: Entry) -> str:
        """按规则派到华北客诉组."""
        to = entry.detail.get("assignee") or {}
        team = entry.detail.get("team") or {}
        where = self.who(to["to"]) if to.get("to") else self._names.team(team.get("to"))
        told = tr("ticket.event.routed", where=where) if where else tr("ticket.event.routed_nowhere")
        return told + routed_why(entry.detail.get("reason") or {})

    def macro(self, entry: Entry) -> str:
        """执行了宏“请客户补充照片”."""
        return tr("ticket.event.macro", name=entry.detail.get("name") or entry.detail.get("macro"))

    def rule(self, entry: Entry) -> str:
        """规则“紧急工单告知组长”执行:通知."""
        did = [*entry.detail.get("did", ()), *entry.detail.get("told", ())]
        kinds = dict.fromkeys(tr(f"explain.action.{one.get('action')}") for one in did)
        deadline = str(entry.detail.get("rule", "")).startswith("sla:")
        name = tr("ticket.event.deadline") if deadline else entry.detail.get("name")
        return tr("ticket.event.rule", name=name, actions=tr("ticket.list_separator").join(kinds))

    def edited(self, entry: Entry) -> str:
        """修改了退款金额、处理方案."""
        labels = tr("ticket.list_separator").join(self.label(key) for key in entry.detail)
        return tr("ticket.event.edited", labels=labels)

    def attached(self, entry: Entry) -> str:
        """添加了文件：现场照片."""
        key = "ticket.event.attached" if entry.detail.get("attachments") else "ticket.event.detached"
        return tr(key, label=self.label(f"fields.{entry.detail.get('field', '')}"))

    def members(self, entry: Entry) -> str:
        """抄送郭婷, 取消抄送郭婷; 加标签."""
        added, removed = entry.detail.get("added") or (), entry.detail.get("removed") or ()
        name: Callable[[str], str] = self.who if entry.kind == "cc" else str
        parts = []
        for which, ids in (("added", added), ("removed", removed)):
            if ids:
                who = tr("ticket.list_separator").join(name(one) for one in ids)
                parts.append(tr(f"ticket.event.{entry.kind}_{which}", who=who))
        return tr("ticket.list_separator").join(parts)

    def urged(self, entry: Entry) -> str:
        """催单 第 2 次，通知郭婷、王店长."""
        who = tr("ticket.list_separator").join(self.who(one) for one in entry.detail.get("to") or ())
        key = "ticket.event.urged" if who else "ticket.event.urged_nobody"
        return tr(key, count=entry.detail.get("count", 1), who=who)

    def merged(self, entry: Entry) -> str:
        """合并到 #100023, 消息转到 #100023."""
        return tr(f"ticket.event.{entry.kind}", ticket=self._other(entry))

    def split(self, entry: Entry) -> str:
        """2 条消息拆分到 #100024."""
        count = len(entry.detail.get("entries") or ())
        return tr("ticket.event.split", count=count, ticket=self._other(entry))

    def linked(self, entry: Entry) -> str:
        """关联所属故障：#100020."""
        relation = tr(f"relation.{entry.detail.get('relation')}")
        return tr(f"ticket.event.{entry.kind}", relation=relation, ticket=self._other(entry))

    def _other(self, entry: Entry) -> str:
        """The other ticket's number, where that one is in sight."""
        return self._tickets.get(str(entry.detail.get("ticket"))) or tr("ticket.other")

    def measured(self, entry: Entry) -> str:
        """时限政策变为…."""
        return tr("ticket.event.policy", name=str(entry.detail.get("name") or entry.detail.get("to") or ""))


def routed_why(reason: Mapping[str, Any]) -> str:
    """Why routing chose this person, or found nobody; empty where no rule had to choose."""
    key = f"ticket.event.routed_why_{reason.get('why', '')}"
    if not has_text(key):
        return ""
    capacity = reason.get("capacity")
    words = tr(
        key,
        load=reason.get("load", ""),
        capacity="∞" if capacity is None else capacity,
        skills=tr("ticket.list_separator").join(reason.get("skills") or ()),
    )
    relaxed = tr("ticket.event.routed_relaxed") if reason.get("relaxed") else ""
    return tr("ticket.event.routed_because", why=words + relaxed)


_TELLERS: dict[str, Callable[[Wording, Entry], str]] = {
    "created": Wording.created,
    "message": Wording.message,
    "reply": Wording.message,
    "note": Wording.message,
    "status": Wording.status,
    "priority": Wording.priority,
    "assigned": Wording.handed,
    "transferred": Wording.handed,
    "taken": Wording.taken,
    "routed": Wording.routed,
    "edited": Wording.edited,
    "macro": Wording.macro,
    "rule": Wording.rule,
    "attached": Wording.attached,
    "cc": Wording.members,
    "tags": Wording.members,
    "policy": Wording.measured,
    "sla": Wording.measured,
    "history": Wording.elsewhere,
    "returned": Wording.handed,
    "urged": Wording.urged,
    "split": Wording.split,
    "linked": Wording.linked,
    "unlinked": Wording.linked,
    "merged_into": Wording.merged,
    "merged_from": Wording.merged,
    "unmerged": Wording.merged,
    "unmerged_from": Wording.merged,
    "redirected": Wording.merged,
    **dict.fromkeys(FLOW_KINDS, flow_event),
}
