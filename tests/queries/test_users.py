"""Lists of people to choose from."""

from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import read_people
from leadboard.queries.lead_filter import known_values
from leadboard.queries.settings import instance
from leadboard.queries.tasks import assignees_of
from leadboard.queries.users import owners


def test_every_list_of_people_is_in_the_same_order_as_a_dictionary(make):
    made = [make.user(name) for name in ("Zoe", "Äbbe", "abel", "Olga")]
    made[0].is_active = False
    made[0].save()

    assert [name for _, name in owners(SYSTEM)] == ["Äbbe", "abel", "Olga"]
    assert [person.name for person in assignees_of(None, instance())] == ["Äbbe", "abel", "Olga"]
    assert list(known_values().owners.values()) == ["Äbbe", "abel", "Olga", "Zoe"]
    assert [person.name for person in read_people().values()] == ["Äbbe", "abel", "Olga", "Zoe"]
