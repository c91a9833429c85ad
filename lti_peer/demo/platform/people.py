"""People who do not exist, always the same ones."""

from collections.abc import Callable

from lti_peer.demo.platform.model import SYNTHETIC, CourseRole, Person

MOST_LEARNERS = 1000

_GIVEN = [
    "Ada",
    "Ben",
    "Chi",
    "Dina",
    "Emil",
    "Fay",
    "Goran",
    "Hana",
    "Ivo",
    "June",
    "Kofi",
    "Lena",
    "Mika",
    "Nour",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sami",
    "Tove",
    "Uma",
    "Vito",
    "Wren",
    "Xena",
    "Yuki",
    "Zoe",
    "Anouk",
    "Bao",
    "Ciro",
    "Dora",
    "Enzo",
    "Freya",
    "Gita",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Luca",
    "Maya",
    "Nils",
]
_FAMILY = [
    "Example",
    "Sample",
    "Specimen",
    "Placeholder",
    "Demo",
    "Pattern",
    "Mockup",
    "Fixture",
    "Prototype",
    "Standin",
    "Model",
    "Template",
    "Draft",
    "Figment",
    "Fable",
    "Invented",
    "Imaginary",
    "Pretend",
    "Fiction",
    "Virtual",
    "Simulated",
    "Notional",
    "Hypothetical",
    "Madeup",
    "Testcase",
]
_FIRST_ID = 2


def make_people(learners: int, name: Callable[[int], str] = str) -> tuple[Person, ...]:
    """Return the instructor and then so many learners, 0 to 1,000, all with different names.

    The same number gives the same people, and more learners only add to fewer. `name` makes the
    id of the person with a number.

    Raises ValueError when there are not enough names.
    """
    if not 0 <= learners <= MOST_LEARNERS:
        raise ValueError(f"There are names for 0 to {MOST_LEARNERS} learners, not {learners}.")
    instructor = _person(name(_FIRST_ID), "Iris", "Example", CourseRole.INSTRUCTOR)
    ids = (name(_FIRST_ID + 1 + number) for number in range(learners))
    return (instructor, *(_learner(number, each) for number, each in enumerate(ids)))


def _learner(number: int, person_id: str) -> Person:
    family, given = divmod(number, len(_GIVEN))
    return _person(person_id, _GIVEN[given], _FAMILY[family], CourseRole.LEARNER)


def _person(person_id: str, given: str, family: str, role: CourseRole) -> Person:
    return Person(id=person_id, given_name=given, family_name=family + SYNTHETIC, role=role)
