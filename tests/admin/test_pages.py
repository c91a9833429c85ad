"""Smoke."""
import pytest
from admin.office import put
import factories
from lti_peer.core.outbox import Channel
from lti_peer.core.models import Deployment

def test_all(signed_in, database):
    signed_in.get("/")
    with database.transaction() as session:
        platform = factories.platform(session)
        session.add(Deployment(platform=platform, deployment_key="7", created_at=factories.NOW, state="pending"))
    dead = put(database, error="No verb")
    grade = put(database, Channel.AGS, {"grade": "1"}, error="No.")
    for path in ("/", f"/platforms/{platform.id}", "/platforms/invite", "/platforms/new", "/deliveries", "/deliveries?state=pending&channel=ags", f"/deliveries/{dead}", "/keys", "/audit"):
        signed_in.get(path)
    signed_in.post("/platforms/invite", 200, name="x")
    signed_in.post("/platforms/new", 422, name="x")
    signed_in.post(f"/deliveries/{dead}/read", 200)
    signed_in.post(f"/deliveries/{dead}/mend", 422, payload="{}")
    signed_in.post("/keys/rotate", hours=24)
    signed_in.get("/keys")
    signed_in.get("/audit")
    signed_in.get("/")
    signed_in.post(f"/platforms/{platform.id}/try")
    print(signed_in.get(f"/platforms/{platform.id}"))
