"""Text modules by likeness and use, and their placeholders."""

from typing import Any

import msgspec

from desktop.ui.form.directory import NoDirectory
from desktop.ui.text_modules.filling import filled, first_placeholder, known_words
from desktop.ui.text_modules.recommend import fits, recommended
from domain.entities.forms import FormField, Option, Template, TextModule

MODULES = (
    TextModule(id="spoiled", name="生鲜变质", body="客户购买的 {商品} 开箱见 {现象}。", category="spoiled"),
    TextModule(id="late", name="配送超时", body="订单 {订单号} 预计送达，仍未收到。", category="late"),
    TextModule(id="reply", name="致歉", body="非常抱歉。", use="reply"),
)


def _names(typed: str, *, category: str = "", preferred: tuple[str, ...] = ()) -> list[str]:
    path = (category,) if category else ()
    found = recommended(MODULES, typed=typed, category_path=path, preferred=preferred)
    return [module.id for module in found]


def test_likeness_decides() -> None:
    """What was typed brings the module that says the like; those for replies are none."""
    assert _names("草莓开箱发霉") == ["spoiled", "late"]
    assert _names("预计十二点送达，现在还没收到") == ["late", "spoiled"]


def test_category_and_template_decide_where_nothing_was_typed() -> None:
    """Before a word the category counts, then what the template names."""
    assert _names("", category="late")[0] == "late"
    assert _names("", preferred=("spoiled",))[0] == "spoiled"


def test_use_decides_between_equals_and_other_lines_are_left_out() -> None:
    """What the person takes often comes first where nothing else tells them apart; likeness still wins."""
    often = {"spoiled": 9}
    found = recommended(MODULES, typed="", uses=often)
    assert [module.id for module in found] == ["spoiled", "late"]
    found = recommended(MODULES, typed="预计十二点送达，现在还没收到", uses=often)
    assert found[0].id == "late"
    lined = [msgspec.structs.replace(module, line="delivery") for module in MODULES[:1]] + [MODULES[1]]
    assert [module.id for module in recommended(lined, typed="", line="retail")] == ["late"]
    assert len(recommended(lined, typed="", line="delivery")) == 2


def test_replies_follow_what_is_answered_then_use_then_category() -> None:
    """What the customer said counts less than what is written; habit more than the category; descriptions are none."""
    replies = (
        TextModule(id="refund", name="退款完成", body="退款 {金额} 元已原路退回。", use="reply"),
        TextModule(id="apology", name="致歉", body="非常抱歉给您带来不便。", use="reply", category="spoiled"),
        TextModule(id="done", name="办结", body="感谢您的监督。", use="reply"),
        *MODULES[:2],
    )

    def names(typed: str = "", heard: str = "", **given: Any) -> list[str]:
        found = recommended(replies, use="reply", typed=typed, heard=heard, **given)
        return [module.id for module in found]

    assert names(heard="我的退款什么时候退回")[0] == "refund"
    assert names("抱歉给您带来", "我的退款什么时候退回")[0] == "apology"
    assert names(category_path=("fresh", "spoiled"))[0] == "apology"
    assert names(category_path=("fresh", "spoiled"), uses={"done": 3})[:2] == ["done", "apology"]
    assert len(names()) == 3


def test_a_module_is_found_by_words_and_initials() -> None:
    """Its name, its text, or the initials its name begins with."""
    assert [fits(MODULES[0], text) for text in ("生鲜", "开箱", "sxb", "xb")] == [True, True, True, False]


def test_placeholders() -> None:
    """What is known is filled in, in the words of any language; the first that is open is found."""
    field = FormField(
        key="demand", label="诉求", kind="select", options=(Option(value="refund", label="退款"),)
    )
    template = Template(id="t", version=1, name="客诉", fields=(field,))
    values = {"demand": "refund", "goods": ""}
    known = known_words(template, values, NoDirectory(), store="望潮路店", order="")
    text = filled("在 {门店}（{Store}）购买的 {商品}，要求 {诉求}，订单 {订单号}", known)
    assert text == "在 望潮路店（望潮路店）购买的 {商品}，要求 退款，订单 {订单号}"
    place = first_placeholder(text)
    assert place is not None
    assert text[slice(*place)] == "{商品}"
