import json

from xapi.vocabulary import PROFILE


def test_anybody_may_read_the_profile_of_our_records(app):
    answer = app.test_client().get("/profiles/peer-learning")

    assert answer.status_code == 200
    assert answer.mimetype == "application/ld+json"
    assert json.loads(answer.data)["id"] == PROFILE
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
