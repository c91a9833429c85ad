from lti_peer.activities import registry
from xapi.vocabulary import KINDS


def test_every_kind_has_a_type_in_the_vocabulary():
    assert {kind.name for kind in registry.KINDS} == set(KINDS)
