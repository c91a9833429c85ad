"""The web application: the parts put together."""

from datetime import timedelta
from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from lti_peer import migrations
from lti_peer.activities import registry
from lti_peer.admin import views as admin_pages
from lti_peer.core import db
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.goals import views as goal_pages
from lti_peer.jobs.endpoints import open_store
from lti_peer.lti import views as lti_pages
from lti_peer.lti.deep_linking import deep_linking
from lti_peer.lti.registration_views import registration_pages
from lti_peer.previews import views as preview_pages
from lti_peer.reports import views as report_pages
from lti_peer.web import (
    assets,
    cycle,
    dates,
    errors,
    health,
    limit,
    policy,
    profile,
    steering,
    text,
)
from xapi.client import Limits
from xapi.lrs.settling import settled
from xapi.lrs.views import create_blueprint

LARGEST_REQUEST = 256 * 1024
"""Bytes; a text has 32 KiB at most, so nothing that we take comes near (security.md N53)."""
PATIENCE = Limits(connect=3, read=6, deadline=6)
"""How long, in seconds, somebody waits at a page for a record store that they try."""
LONGEST_WRITE = timedelta(seconds=60)
"""No request writes longer: gunicorn's timeout (config/gunicorn.conf.py)."""


def create_app(settings: Settings, database: Database) -> Flask:
    """Return the tool's application on a migrated database. It starts no thread."""
    app = Flask("lti_peer", template_folder="web/templates", static_folder=None)
    app.config.update(
        BASE_URL=settings.base_url,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        ALLOW_PRIVATE_HOSTS=settings.allow_private_hosts,
        RECORD_STORE=settings.lrs_endpoint,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    vault = app.extensions["vault"] = Vault(settings.secret_key.get_secret_value())
    private = settings.allow_private_hosts
    app.extensions["open_store"] = partial(
        open_store, vault=vault, private=private, limits=PATIENCE
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count)  # type: ignore[method-assign]
    token = settings.metrics_token.get_secret_value()
    health.register(app, database, migrations.is_current, token)  # first, so that it sees all
    cycle.register(app, database)
    limit.register(app)
    errors.register(app)
    for part in (assets, text, dates):
        part.register(app)
    lti_pages.register(app, database, app.extensions["vault"])
    app.register_blueprint(registration_pages)
    app.register_blueprint(deep_linking, url_prefix="/v/<visit:visit_key>/deep-linking")
    app.register_blueprint(profile.profile)
    app.register_blueprint(steering.steering, url_prefix="/v/<visit:visit_key>/lms")
    app.register_blueprint(report_pages.pages, url_prefix="/v/<visit:visit_key>/reports")
    app.register_blueprint(goal_pages.pages, url_prefix="/v/<visit:visit_key>/goals")
    admin_pages.register(app)
    preview_pages.register(app)
    _mount_kinds(app)
    _mount_records(app, database)
    return app


def _mount_kinds(app: Flask) -> None:
    for kind in registry.KINDS:
        app.register_blueprint(kind.pages, url_prefix=f"/v/<visit:visit_key>/{kind.name}")


def _mount_records(app: Flask, database: Database) -> None:
    """Open the embedded record store at /xAPI, to whoever has one of its keys."""
    store = create_blueprint(
        database.transaction,
        reading=partial(database.transaction, read_only=True),
        clock=db.now,
        settled=partial(settled, database.engine, LONGEST_WRITE),
    )
    app.register_blueprint(store, url_prefix="/xAPI")
    for name in [name for name in app.view_functions if name.startswith(f"{store.name}.")]:
        app.view_functions[name] = policy.service(partial(app.view_functions[name]))
