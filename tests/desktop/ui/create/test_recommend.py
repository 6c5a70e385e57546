"""Text modules by likeness, placeholders, and the subject made from a description."""

import msgspec
import pytest

from desktop.ui.create.draft import Draft, body_of, read_draft, subject_of
from desktop.ui.create.recommend import filled, first_placeholder, recommended
from domain.entities.forms import TextModule

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


def test_placeholders() -> None:
    """What is known is filled in, the first that is open is found."""
    text = filled("在 {门店} 购买的 {商品}", {"门店": "望潮路店", "商品": ""})
    assert text == "在 望潮路店 购买的 {商品}"
    place = first_placeholder(text)
    assert place is not None
    assert text[slice(*place)] == "{商品}"


@pytest.mark.parametrize(
    ("subject", "description", "made"),
    [
        ("写好的", "别的。", "写好的"),
        ("", "草莓发霉。要求退款", "草莓发霉"),
        ("", "  \n", ""),
        ("", "很" * 80, "很" * 39 + "…"),
    ],
)
def test_subject(subject: str, description: str, made: str) -> None:
    """As written, else the first sentence, cut where it is long."""
    assert subject_of(Draft(id="d", subject=subject, description=description)) == made


def test_drafts_of_other_versions() -> None:
    """A draft reads as it was written; a body that is none is passed over."""
    draft = Draft(id="d", phone="13800002716", values={"demand": "refund"})
    assert read_draft(body_of(draft)) == draft
    assert read_draft('{"phone": 7}') is None
    assert read_draft("{") is None
