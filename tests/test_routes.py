"""Every route there is, with its methods and who may call it. A new route is a new line here."""

import json
from pathlib import Path

import pytest

import config
from lti_peer.app import create_app
from lti_peer.lti import dynamic_registration
from lti_peer.lti.platforms.canvas import CANVAS
from lti_peer.web import policy
from lti_peer.web.policy import Access

ROUTES = """\
GET      /admin/  →  admin
GET      /admin/audit  →  admin
GET      /admin/deliveries  →  admin
GET      /admin/deliveries/<uuid:item_id>  →  admin
POST     /admin/deliveries/<uuid:item_id>/mend  →  admin
POST     /admin/deliveries/<uuid:item_id>/read  →  admin
POST     /admin/deliveries/<uuid:item_id>/retry  →  admin
POST     /admin/deliveries/retry  →  admin
GET      /admin/keys  →  admin
POST     /admin/keys/rotate  →  admin
GET      /admin/platforms/<uuid:platform_id>  →  admin
POST     /admin/platforms/<uuid:platform_id>/approve  →  admin
POST     /admin/platforms/<uuid:platform_id>/deployments  →  admin
POST     /admin/platforms/<uuid:platform_id>/deployments/<uuid:deployment_id>/<word>  →  admin
POST     /admin/platforms/<uuid:platform_id>/disable  →  admin
POST     /admin/platforms/<uuid:platform_id>/hosts  →  admin
POST     /admin/platforms/<uuid:platform_id>/people/<word>  →  admin
POST     /admin/platforms/<uuid:platform_id>/try  →  admin
GET      /admin/platforms/invite  →  admin
POST     /admin/platforms/invite  →  admin
GET      /admin/platforms/new  →  admin
POST     /admin/platforms/new  →  admin
GET      /admin/report  →  admin
GET      /admin/report/<key>.<form>  →  admin
GET      /admin/sign-in/<token>  →  launch
POST     /admin/sign-in/<token>  →  launch
POST     /admin/sign-out  →  admin
GET      /admin/stores  →  admin
GET      /admin/stores/<uuid:store_id>  →  admin
POST     /admin/stores/<uuid:store_id>/<word>  →  admin
POST     /admin/stores/<uuid:store_id>/key  →  admin
POST     /admin/stores/<uuid:store_id>/remove  →  admin
POST     /admin/stores/<uuid:store_id>/try  →  admin
GET      /admin/stores/new  →  admin
POST     /admin/stores/new  →  admin
GET      /healthz  →  public
GET      /lti/config/<name>.json  →  public
GET      /lti/jwks.json  →  public
POST     /lti/launch  →  launch
GET      /lti/launch  →  public
POST     /lti/launch/confirm  →  launch
GET POST /lti/login  →  launch
POST     /lti/notices  →  launch
GET      /lti/open/<uuid:activity_id>  →  public
GET      /lti/register/<token>  →  launch
GET      /metrics  →  public
GET      /profiles/peer-learning  →  public
GET      /readyz  →  public
GET      /static/<release>/<name>  →  public
GET      /v/…/deep-linking/  →  visit: designer instructor ta
POST     /v/…/deep-linking/  →  visit: designer instructor ta
POST     /v/…/deep-linking/another  →  visit: designer instructor ta
POST     /v/…/deep-linking/cancel  →  visit: designer instructor ta
GET      /v/…/deep-linking/confirm  →  visit: designer instructor ta
POST     /v/…/deep-linking/confirm  →  visit: designer instructor ta
POST     /v/…/deep-linking/take-over  →  visit: designer instructor ta
GET      /v/…/goals/  →  visit: instructor ta
GET      /v/…/goals/<key>.<form>  →  visit: instructor ta
GET      /v/…/goals/<uuid:goal_id>  →  visit: instructor ta
POST     /v/…/goals/<uuid:goal_id>  →  visit: instructor ta
POST     /v/…/goals/<uuid:goal_id>/remove  →  visit: instructor ta
GET      /v/…/goals/new  →  visit: instructor ta
POST     /v/…/goals/new  →  visit: instructor ta
GET      /v/…/goals/runs  →  visit: instructor ta
POST     /v/…/lms/grades/<uuid:grade_id>/insist  →  visit: instructor ta
POST     /v/…/lms/grades/resume  →  visit: instructor ta
POST     /v/…/lms/grades/retry  →  visit: instructor ta
POST     /v/…/lms/grades/stop  →  visit: instructor ta
POST     /v/…/lms/roster  →  visit: instructor ta
GET      /v/…/peer_review/  →  visit: designer instructor learner ta
GET      /v/…/peer_review/calls  →  visit: instructor ta
POST     /v/…/peer_review/calls/<uuid:flag_id>  →  visit: instructor ta
GET      /v/…/peer_review/counts  →  visit: instructor ta
GET      /v/…/peer_review/feedback  →  visit: learner
POST     /v/…/peer_review/feedback/<token>/rating  →  visit: learner
POST     /v/…/peer_review/feedback/read  →  visit: learner
GET      /v/…/peer_review/grades  →  visit: instructor ta
POST     /v/…/peer_review/grades  →  visit: instructor ta
GET      /v/…/peer_review/matrix  →  visit: instructor ta
GET      /v/…/peer_review/people/<uuid:person_id>  →  visit: instructor ta
POST     /v/…/peer_review/people/<uuid:person_id>/extension  →  visit: instructor ta
POST     /v/…/peer_review/phases/<key>/close  →  visit: instructor ta
POST     /v/…/peer_review/preview  →  visit: designer instructor learner ta
POST     /v/…/peer_review/reviews  →  visit: learner
GET      /v/…/peer_review/reviews/<uuid:allocation_id>  →  visit: learner
POST     /v/…/peer_review/reviews/<uuid:allocation_id>  →  visit: learner
POST     /v/…/peer_review/reviews/<uuid:allocation_id>/decline  →  visit: learner
POST     /v/…/peer_review/reviews/<uuid:allocation_id>/draft  →  visit: learner
GET      /v/…/peer_review/revision  →  visit: learner
POST     /v/…/peer_review/revision  →  visit: learner
POST     /v/…/peer_review/revision/draft  →  visit: learner
GET      /v/…/peer_review/second-looks/<uuid:allocation_id>  →  visit: learner
POST     /v/…/peer_review/second-looks/<uuid:allocation_id>  →  visit: learner
POST     /v/…/peer_review/second-looks/<uuid:allocation_id>/draft  →  visit: learner
GET      /v/…/peer_review/settings  →  visit: designer instructor ta
POST     /v/…/peer_review/settings  →  visit: designer instructor ta
GET      /v/…/peer_review/work  →  visit: learner
POST     /v/…/peer_review/work/draft  →  visit: learner
GET      /v/…/peer_review/work/edit  →  visit: learner
POST     /v/…/peer_review/work/edit  →  visit: learner
POST     /v/…/preview/  →  visit: designer instructor ta
POST     /v/…/preview/stage  →  visit: learner
POST     /v/…/preview/start-over  →  visit: learner
GET      /v/…/reports/  →  visit: instructor ta
GET      /v/…/reports/<key>.<form>  →  visit: instructor ta
GET      /v/…/reports/course  →  visit: instructor ta
GET      /v/…/teaching/  →  visit: designer instructor learner ta
GET      /v/…/teaching/calls  →  visit: instructor ta
POST     /v/…/teaching/calls/<uuid:flag_id>  →  visit: instructor ta
GET      /v/…/teaching/grades  →  visit: instructor ta
POST     /v/…/teaching/grades  →  visit: instructor ta
POST     /v/…/teaching/match  →  visit: instructor ta
POST     /v/…/teaching/match-me  →  visit: learner
GET      /v/…/teaching/meetings/<uuid:allocation_id>  →  visit: learner
POST     /v/…/teaching/meetings/<uuid:allocation_id>/check  →  visit: learner
POST     /v/…/teaching/meetings/<uuid:allocation_id>/part  →  visit: learner
POST     /v/…/teaching/meetings/<uuid:allocation_id>/propose  →  visit: learner
GET      /v/…/teaching/meetings/<uuid:allocation_id>/rate/<uuid:part_id>  →  visit: learner
POST     /v/…/teaching/meetings/<uuid:allocation_id>/rate/<uuid:part_id>  →  visit: learner
GET      /v/…/teaching/numbers  →  visit: instructor ta
GET      /v/…/teaching/pairs  →  visit: instructor ta
POST     /v/…/teaching/pairs/<uuid:allocation_id>/end  →  visit: instructor ta
GET      /v/…/teaching/people  →  visit: instructor ta
GET      /v/…/teaching/people/<uuid:person_id>  →  visit: instructor ta
POST     /v/…/teaching/people/<uuid:person_id>/extension  →  visit: instructor ta
GET      /v/…/teaching/results  →  visit: learner
GET      /v/…/teaching/settings  →  visit: designer instructor ta
POST     /v/…/teaching/settings  →  visit: designer instructor ta
GET      /v/…/teaching/sign-up  →  visit: learner
POST     /v/…/teaching/sign-up  →  visit: learner
POST     /v/…/teaching/times/<uuid:meeting_id>/cancel  →  visit: learner
POST     /v/…/teaching/times/<uuid:meeting_id>/confirm  →  visit: learner
POST     /v/…/teaching/times/<uuid:meeting_id>/held  →  visit: learner
POST     /v/…/teaching/times/<uuid:meeting_id>/missed  →  visit: learner
POST     /v/…/teaching/withdraw  →  visit: learner
DELETE GET POST PUT /xAPI/about  →  service
DELETE GET POST PUT /xAPI/activities  →  service
DELETE GET POST PUT /xAPI/activities/profile  →  service
DELETE GET POST PUT /xAPI/activities/state  →  service
DELETE GET POST PUT /xAPI/agents  →  service
DELETE GET POST PUT /xAPI/agents/profile  →  service
DELETE GET POST PUT /xAPI/statements  →  service
"""


def rules(app):
    """Return each route of the app with its policy."""
    return [
        (rule, policy.of(app.view_functions[rule.endpoint])) for rule in app.url_map.iter_rules()
    ]


def line(rule, declared):
    methods = " ".join(sorted(rule.methods - {"HEAD", "OPTIONS"}))
    return f"{methods:8} {rule.rule.replace('<visit:visit_key>', '…')}  →  {declared}"


def by_path(text):
    return text[9:], text


def test_these_are_all_the_routes_there_are(app):
    there = sorted((line(*each) for each in rules(app)), key=by_path)
    assert there == ROUTES.splitlines()


def test_every_page_of_a_visit_opens_for_some_role_and_lies_below_its_visit(app):
    for rule, declared in rules(app):
        within = rule.rule.startswith("/v/<visit:visit_key>/")
        assert within == (declared.access is Access.VISIT), rule
        assert bool(declared.roles) == within, rule


def test_a_route_that_declares_nothing_is_refused(settings, database):
    app = create_app(settings, database)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_the_demo_has_no_route_in_the_application(app):
    assert not [rule for rule in app.url_map.iter_rules() if "demo" in rule.rule + rule.endpoint]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_pages_take_forms_alone(app, method):
    taking = {rule.rule for rule in app.url_map.iter_rules() if method in rule.methods}
    assert all(rule.startswith("/xAPI/") for rule in taking)


def test_what_an_administrator_pastes_into_canvas_is_what_we_are(app):
    pasted = json.loads((Path(config.__file__).parent / "canvas.json").read_text())
    placements = pasted["extensions"][0]["settings"]["placements"]
    named = {
        pasted["oidc_initiation_url"],
        pasted["public_jwk_url"],
        pasted["target_link_uri"],
        *(placement["target_link_uri"] for placement in placements),
    }
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    assert {url.removeprefix("https://peer.example.org") for url in named} <= routes
    assert sorted(pasted["scopes"]) == sorted(dynamic_registration.WANTED)
    assert {placement["placement"] for placement in placements} == set(CANVAS.placements)
