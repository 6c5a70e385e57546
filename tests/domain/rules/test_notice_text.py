"""Messages are filled in once, hold no line breaks where none may stand, and speak the language asked for."""

import pytest

from domain.entities.notices import NoticeTemplate, NoticeText, Variant
from domain.rules.notice_text import CUSTOMER_PLACEHOLDERS, PLACEHOLDERS, filled, named_in, text_for
from domain.rules.phone_numbers import e164, national
from domain.rules.retries import FIRST_MS, LONGEST_MS, retry_delay_ms

ZH, EN = NoticeText(subject="工单 {number}", body="{store}"), NoticeText(body="{status}")


def test_what_is_filled_in_is_not_read_again() -> None:
    """A subject that holds braces stays as it is; what is unknown is empty; breaks can't make new header lines."""
    values = {"subject": "{number} {x}", "number": "1\r\nBcc: all@x.test", "store": "s" * 900}
    assert filled("{subject}|{number}|{reason}", values) == "{number} {x}|1 Bcc: all@x.test|"
    assert filled("a\n{number}", values, one_line=True) == "a 1 Bcc: all@x.test"
    assert len(filled("{store}", values)) == 400


def test_a_channel_says_its_own_words_first() -> None:
    """The channel's variant in the language, then in the other, then the template's."""
    variant = Variant(texts={"en": NoticeText(body="short")}, code="C1", params=("due",))
    template = NoticeTemplate(id="t", texts={"zh": ZH, "en": EN}, variants={"sms": variant})
    assert text_for(template, "sms", "zh") == NoticeText(body="short")
    assert text_for(template, "mail", "zh") == ZH
    assert text_for(template, "mail", "en") == EN
    assert text_for(NoticeTemplate(id="t"), "mail", "zh") is None
    assert named_in(template) == {"number", "store", "status", "due"}


def test_customers_are_told_nothing_of_the_desk() -> None:
    """No person's name, no reason and no deadline of the desk is among what customers may be told."""
    assert CUSTOMER_PLACEHOLDERS < PLACEHOLDERS
    assert not CUSTOMER_PLACEHOLDERS & {"handler", "reason", "due", "team", "creator", "by", "text"}


def test_pauses_grow_and_are_spread() -> None:
    """Twice as long each time up to an hour, never less than half of that, different for different messages."""
    for attempt in range(1, 40):
        whole = min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
        found = {retry_delay_ms(str(name), attempt) for name in range(20)}
        assert all(whole // 2 <= one <= whole for one in found)
        assert len(found) > 10
        assert retry_delay_ms("0", attempt) == retry_delay_ms("0", attempt)


@pytest.mark.parametrize(
    ("written", "full", "home"),
    [
        ("138 0013-8000", "+8613800138000", "13800138000"),
        ("8613800138000", "+8613800138000", "13800138000"),
        ("+86 138 0013 8000", "+8613800138000", "13800138000"),
        ("010-6555 1234", "+861065551234", "1065551234"),
        ("0044 20 7946 0000", "+442079460000", "00442079460000"),
        ("+1 (202) 555-0100", "+12025550100", "0012025550100"),
        ("no number", "", ""),
        ("123", "", ""),
        ("138001380001380013800013", "", ""),
    ],
)
def test_numbers_come_in_the_form_providers_take(written: str, full: str, home: str) -> None:
    """However people write a number."""
    assert (e164(written), national(written)) == (full, home)
