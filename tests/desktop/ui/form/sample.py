"""A small template with every kind of field that behaves in its own way."""

from collections.abc import Sequence

from desktop.ui.form.directory import Found
from domain.entities.conditions import Condition, Conditions
from domain.entities.forms import FormField, Option, Template

STORES = (
    Found(id="u1", name="国贸店", detail="北京 · gmd"),
    Found(id="u2", name="国展店", detail="上海 · gzd"),
    Found(id="u3", name="西单店", detail="北京 · xdd"),
)


class Stores:
    """A directory of three stores and nobody."""

    def find_units(self, text: str) -> Sequence[Found]:
        """Those whose name or initials begin with the text."""
        return [s for s in STORES if s.name.startswith(text) or s.detail.split("· ")[1].startswith(text)]

    def find_people(self, text: str) -> Sequence[Found]:
        """Nobody."""
        return ()

    def unit_name(self, id: str) -> str:
        """The name of a store."""
        return next((store.name for store in STORES if store.id == id), id)

    def person_name(self, id: str) -> str:
        """The id."""
        return id


def _when(field: str, value: object) -> Conditions:
    return Conditions(all=(Condition(field=field, op="is", value=value),))


def _options(*pairs: tuple[str, str]) -> tuple[Option, ...]:
    return tuple(Option(value=value, label=label) for value, label in pairs)


TEMPLATE = Template(
    id="t1",
    version=1,
    name="门店客诉",
    fields=(
        FormField(key="name", label="客户姓名", section="customer", personal=True),
        FormField(
            key="want",
            label="客户诉求",
            kind="select",
            required=True,
            options=_options(("refund", "退款"), ("swap", "换货")),
        ),
        FormField(
            key="amount",
            label="涉及金额",
            kind="money",
            required=True,
            minimum=0.01,
            when=_when("want", "refund"),
        ),
        FormField(key="reason", label="退款原因", required=True, when=_when("amount", 89)),
        FormField(
            key="parts",
            label="缺少的部件",
            kind="multi_select",
            options=_options(("lid", "杯盖"), ("cable", "电源线")),
        ),
        FormField(key="bought", label="购买日期", kind="date"),
        FormField(key="shop", label="购买门店", kind="store"),
        FormField(key="more", label="补充说明", kind="long_text", default="无"),
        FormField(
            key="solution",
            label="处理方案",
            section="completion",
            required=True,
            required_at="resolve",
        ),
    ),
)
