"""L16 in the small; `make hostile` posts a hundred thousand."""

import random

import pytest
from hostile.launches import Gun
from hostile.mutations import MUTATIONS, Shot
from lti.minting import sign
from lti.wires import app, placed, wire

__all__ = ["app", "placed", "wire"]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
def test_l16_no_hostile_launch_gets_in_or_breaks_us(placed, wire, mutation):
    gun = Gun(wire, seed=mutation.__name__)
    for _ in range(12):
        gun.fire(MUTATIONS.index(mutation))
    assert gun.wrong == []


def test_l16_the_launch_that_is_bent_would_get_in_as_it_is(placed, wire):
    login = wire.login()
    shot = Shot(wire.claims(login), login.state)
    assert wire.post(login, shot.signed).status_code == 303


@pytest.mark.one_database
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
def test_a_mutation_is_repeated_from_its_seed_and_bends_something(wire, mutation):
    login = wire.login()
    claims, others = wire.claims(login), (("s", "n" * 43),)

    def bent(seed):
        shot = Shot(dict(claims), login.state, others)
        mutation(shot, random.Random(seed))  # noqa: S311 - repeats a shot
        return shot.claims, shot.state, shot.cookie, shot.fields, shot.token

    assert bent(1) == bent(1)
    assert bent(1) != (claims, login.state, True, [], None)
    assert sign(claims) == sign(claims)
