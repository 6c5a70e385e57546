"""Mail that no person wrote starts nothing and is answered by nobody."""

import pytest

from domain.rules.automatic_mail import address_in, is_automatic

PERSON = {"From": "Wang Fang <wang@customers.test>", "Subject": "收银机", "Content-Type": "text/plain"}


def test_a_persons_mail_is_one() -> None:
    """Plain headers, and those that say so: Auto-Submitted no, Precedence first-class."""
    assert not is_automatic(PERSON)
    assert not is_automatic({**PERSON, "Auto-Submitted": "No", "Precedence": "first-class"})
    assert not is_automatic({**PERSON, "From": "noreply.fan@customers.test"})


@pytest.mark.parametrize(
    "header",
    [
        {"Auto-Submitted": "auto-replied"},
        {"auto-submitted": "auto-generated; owner=x"},
        {"Precedence": "Bulk"},
        {"List-Id": "<all.customers.test>"},
        {"List-Unsubscribe": "<mailto:x@y.test>"},
        {"X-Autoreply": "yes"},
        {"X-Auto-Response-Suppress": "All"},
        {"Return-Path": "<>"},
        {"Content-Type": "multipart/report; report-type=delivery-status"},
        {"From": "MAILER-DAEMON@x.test"},
        {"From": "No-Reply <no-reply+7@x.test>"},
        {"From": "bounces=wang@x.test"},
        {"From": ""},
        {"From": "Desk <Desk@Shops.test>"},
    ],
    ids=lambda one: "-".join(next(iter(one.items()))),
)
def test_a_machines_mail_is_known(header: dict[str, str]) -> None:
    """By what it says of itself, by its list, by its sender; and what we sent ourselves comes back as ours."""
    kept = {
        name: value for name, value in PERSON.items() if name.lower() not in {one.lower() for one in header}
    }
    assert is_automatic({**kept, **header}, own=["desk@shops.test"])


def test_the_address_stands_in_brackets_or_alone() -> None:
    """The first address of a header, in small letters."""
    assert address_in('"Wang, Fang" <Wang@X.test>') == "wang@x.test"
    assert address_in("wang@x.test, li@x.test") == "wang@x.test"
    assert address_in("nobody") == ""
