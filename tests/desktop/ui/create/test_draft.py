"""The subject made from a description, and drafts of other versions."""

import pytest

from desktop.ui.create.draft import Draft, body_of, read_draft, subject_of


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
