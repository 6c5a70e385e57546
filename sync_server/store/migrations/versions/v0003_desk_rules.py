"""The rules of the desk: what tickets know of customers, flows, links and urging, and what rules leave behind."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HELD = sa.text("status IN ('new', 'open')")
_OPEN = sa.text("fired_at IS NULL")


def upgrade() -> None:
    _tickets()
    _own_tickets()
    _deliveries()
    _configuration()
    _append_only()
    _routing()
    _rules()
    _urging()
    _flows()
    _customers()
    _sweep()
    rename_steps(op.get_bind())


def rename_steps(conn: sa.Connection) -> None:
    """Steps of deadlines were named by their order in the policy, now by where they stand; none fires again for it."""
    policies = sa.text("SELECT id, body FROM config WHERE kind = 'policy' ORDER BY version")
    rename = sa.text(
        "UPDATE sla_step SET step = :name WHERE step = :number AND metric = :metric"
        " AND ticket IN (SELECT id FROM ticket WHERE policy = :policy)"
    )
    for policy, body in {id: (id, body) for id, body in conn.execute(policies)}.values():
        names: list[str] = []
        for number, step in enumerate(json.loads(body).get("steps", ())):
            offset, metric = step.get("offset_s"), step["metric"]
            place = f"{step.get('percent')}%" if offset is None else f"{offset:+d}s"
            name = f"{policy}:{metric}:{place}"
            names.append(name)
            again = f"#{names.count(name)}" if names.count(name) > 1 else ""
            given = {"name": name + again, "number": str(number), "metric": metric, "policy": policy}
            conn.execute(rename, given)


def _tickets() -> None:
    """Older tickets have no customer's record, no flow and no links."""
    for name in ("customer", "order_no", "parent", "merged_into", "flow", "urged"):
        op.add_column("ticket", sa.Column(name, sa.Text()))
    for name, default in (("tier", ""), ("node", ""), ("links", "[]")):
        op.add_column("ticket", sa.Column(name, sa.Text(), server_default=default, nullable=False))
    op.add_column("ticket", sa.Column("task_due_at", sa.BigInteger()))
    for name in ("parent", "customer"):
        op.create_index(f"ix_ticket_{name}", "ticket", [name])


def _own_tickets() -> None:
    """A person's own tickets are found in the order in which pages hold them."""
    for column in ("assignee", "creator"):
        op.drop_index(f"ix_ticket_{column}", "ticket")
        op.create_index(f"ix_ticket_{column}_id", "ticket", [column, "id"])
    op.drop_index("ix_ticket_cc_person", "ticket_cc")
    op.create_index("ix_ticket_cc_person_ticket", "ticket_cc", ["person", "ticket"])


def _urging() -> None:
    """When the ladder of urging goes on."""
    op.create_table(
        "urge_due",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name="pk_urge_due"),
    )
    op.create_index("ix_urge_due_due_at", "urge_due", ["due_at"])


def _rules() -> None:
    """Runs and episodes of automations, and what rules do to tickets that others hold."""
    op.create_table(
        "automation_run",
        sa.Column("automation", sa.Text(), nullable=False),
        sa.Column("slot_at", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("automation", name="pk_automation_run"),
    )
    op.create_table(
        "automation_episode",
        sa.Column("automation", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("automation", "ticket", name="pk_automation_episode"),
    )
    op.create_index("ix_automation_episode_ticket", "automation_episode", ["ticket"])
    names = ("id", "rule", "name", "ticket", "action")
    op.create_table(
        "rule_due",
        *(sa.Column(name, sa.Text(), nullable=False) for name in names),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_due"),
    )
    op.create_index("ix_rule_due_at", "rule_due", ["at"])


def _flows() -> None:
    """What is due at the nodes of flows."""
    op.create_table(
        "flow_due",
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("ticket", "node", "visit", "act", name="pk_flow_due"),
    )
    op.create_index("ix_flow_due_due_at", "flow_due", ["due_at"])


def _configuration() -> None:
    """From now on each change of the configuration is kept as one."""
    op.create_table(
        "config_change",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text()),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("actor", "cause", "note", "rows", "grants")
        ),
        sa.PrimaryKeyConstraint("number", name="pk_config_change"),
    )


def _deliveries() -> None:
    """Messages to the world outside, where people are reached, and when a notice was read."""
    op.add_column("notice", sa.Column("read_at", sa.BigInteger()))

    def text(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), nullable=False) for name in names]

    def whole(name: str, *, null: bool = False) -> sa.Column[int]:
        return sa.Column(name, sa.BigInteger(), nullable=null)

    op.create_table(
        "delivery",
        *text("id", "rule", "ticket"),
        whole("rev"),
        *text("to_kind", "recipient", "channel", "template", "args"),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        *text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        whole("due_at"),
        whole("at"),
        whole("ended_at", null=True),
        *text("outcome"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_state_due_at", "delivery", ["state", "due_at"])
    op.create_index("ix_delivery_ticket", "delivery", ["ticket"])
    op.create_table(
        "delivery_attempt",
        *text("delivery"),
        sa.Column("n", sa.Integer(), nullable=False),
        *text("channel"),
        whole("at"),
        whole("ended_at", null=True),
        *text("outcome"),
        sa.PrimaryKeyConstraint("delivery", "n", name="pk_delivery_attempt"),
    )
    op.create_index("ix_delivery_attempt_channel_at", "delivery_attempt", ["channel", "at"])
    columns = text("person", "kind", "address")
    op.create_table("contact", *columns, sa.PrimaryKeyConstraint("person", "kind", name="pk_contact"))


def _routing() -> None:
    """Whose turn it was, and what waits for somebody; what people hold is counted by an index of its own."""
    op.create_index(
        "ix_ticket_held", "ticket", ["assignee", "priority"], postgresql_where=_HELD, sqlite_where=_HELD
    )
    op.create_table(
        "routing_turn",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_routing_turn"),
    )
    op.create_table(
        "routing_wait",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("ticket", "rule", "team", "people", "how", "skills")
        ),
        sa.Column("relax_at", sa.BigInteger()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("since_at", "due_at")),
        sa.PrimaryKeyConstraint("ticket", name="pk_routing_wait"),
    )
    for name in ("due_at", "team"):
        op.create_index(f"ix_routing_wait_{name}", "routing_wait", [name])


def _sweep() -> None:
    """Open steps have an index of their own; one index of notices keeps them apart and finds a person's."""
    op.drop_index("ix_sla_step_fired_at_due_at", "sla_step")
    op.create_index("ix_sla_step_open", "sla_step", ["due_at"], postgresql_where=_OPEN, sqlite_where=_OPEN)
    op.drop_index("ix_notice_person_at", "notice")
    columns = ["person", "at", "ticket", "kind"]
    with op.batch_alter_table("notice") as notice:  # SQLite makes the table anew
        notice.drop_constraint("uq_notice_person_ticket_kind_at", type_="unique")
        notice.create_unique_constraint("uq_notice_person_at_ticket_kind", columns)


def _append_only() -> None:
    """The database itself keeps the records of who did what from being changed or deleted (RULES §10)."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:  # a restore drops the tables, but not the function
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    for table in ("audit", "config_change"):
        if sqlite:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )


def _customers() -> None:
    """Customers, how they are reached, their orders, and the systems that bring them."""

    def text(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), nullable=False) for name in names]

    def whole(*names: str, null: bool = False) -> list[sa.Column[int]]:
        return [sa.Column(name, sa.BigInteger(), nullable=null) for name in names]

    op.create_table(
        "customer",
        *text("id", "source", "external_id", "name", "tier", "unit"),
        *whole("at"),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.UniqueConstraint("source", "external_id", name="uq_customer_source_external_id"),
    )
    op.create_index("ix_customer_name", "customer", ["name"])
    op.create_table(
        "customer_contact",
        *text("customer", "kind", "value"),
        sa.PrimaryKeyConstraint("customer", "kind", "value", name="pk_customer_contact"),
    )
    op.create_index("ix_customer_contact_value", "customer_contact", ["value"])
    op.create_table(
        "customer_order",
        *text("id", "source", "number", "customer", "unit", "line", "status"),
        *whole("amount_cents", null=True),
        *text("currency", "items", "delivery"),
        *whole("ordered_at", "delivered_at", null=True),
        *whole("at"),
        sa.PrimaryKeyConstraint("id", name="pk_customer_order"),
        sa.UniqueConstraint("source", "number", name="uq_customer_order_source_number"),
    )
    op.create_index("ix_customer_order_number", "customer_order", ["number"])
    op.create_index("ix_customer_order_customer_ordered_at", "customer_order", ["customer", "ordered_at"])
    op.create_table(
        "integration",
        *text("id", "name", "hash", "scopes", "unit"),
        *whole("made_at", "expires_at"),
        *whole("used_at", "revoked_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_integration"),
        sa.UniqueConstraint("hash", name="uq_integration_hash"),
    )
