import pytest

from accounts.models import initials_of


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Nora Lindqvist", "NL"),
        ("nora", "N"),
        ("Finn O’Connor", "FO"),
        ("Ana de la Cruz", "AC"),
        ("#ubuntu/2017-05-09", "U"),
        ("|trey|", "T"),
        ("田辺 ゆき", "田"),
        ("ليلى حداد", "ل"),
        ("🏡", "🏡"),
        ("ßter x", "SX"),
        ("  ", "?"),
    ],
)
def test_a_name_is_shortened_to_what_people_would_expect(name: str, initials: str) -> None:
    assert initials_of(name) == initials
