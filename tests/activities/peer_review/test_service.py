from lti_peer.peerwork import scores


def test_a_class_hands_in_reviews_and_is_scored(classroom):
    for who in classroom.people:
        for _ in range(3):
            assert classroom.review(who)

    standing = scores.standing(classroom.session, classroom.visit(classroom.world.teacher))
    assert len(standing) == 4
    assert {round(mine["work"].share, 6) for mine in standing.values()} == {round(8 / 9, 6)}
