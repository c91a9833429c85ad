import factories

from lti_peer.activities import registry
from xapi.vocabulary import KINDS


def test_every_kind_has_a_type_in_the_vocabulary():
    assert {kind.name for kind in registry.KINDS} == set(KINDS)


def test_every_kind_can_be_tried_from_its_start_to_what_comes_back(session):
    course = factories.course(session)
    for kind in registry.KINDS:
        visit = factories.visit(None, factories.activity(session, course, kind.name))
        kind.prepare(session, visit)
        assert len(kind.rehearsal.stages(visit)) > 1
