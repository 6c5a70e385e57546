"""Passwords as hashes: who fits, and what an unknown login costs."""

from argon2 import extract_parameters

from sync_server.access.passwords import Passwords

PASSWORDS = Passwords(time_cost=1, memory_kib=64)
WORD = "open sesame"


def test_only_the_password_fits_its_hash() -> None:
    """Another password doesn't fit, nor any password what is no hash, nor nobody."""
    kept = PASSWORDS.hash(WORD)
    assert PASSWORDS.fits(kept, WORD)
    assert not PASSWORDS.fits(kept, f"{WORD}.")
    assert not PASSWORDS.fits("no hash", WORD)
    assert not PASSWORDS.fits(None, WORD)


def test_nobody_costs_what_anybody_costs() -> None:
    """An unknown login is checked against a hash of the same costs and lengths as a kept one."""
    assert extract_parameters(PASSWORDS._nobody) == extract_parameters(PASSWORDS.hash(WORD))
    assert len(PASSWORDS._nobody) == len(PASSWORDS.hash(WORD))


def test_other_costs_are_outdated() -> None:
    """A hash made with other costs than today's is to be made anew."""
    assert not PASSWORDS.outdated(PASSWORDS.hash(WORD))
    assert Passwords(time_cost=2, memory_kib=64).outdated(PASSWORDS.hash(WORD))
