"""The web application: the parts put together."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from lti_peer.activities import registry
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.lti import views as lti_pages
from lti_peer.lti.deep_linking import deep_linking
from lti_peer.lti.registration_views import registration_pages
from lti_peer.web import assets, cycle, dates, errors, text

LARGEST_REQUEST = 256 * 1024
"""Bytes; a text has 32 KiB at most, so nothing that we take comes near (security.md N53)."""


def create_app(settings: Settings, database: Database) -> Flask:
    """Return the tool's application on a migrated database. It starts no thread."""
    app = Flask("lti_peer", template_folder="web/templates", static_folder=None)
    app.config.update(
        BASE_URL=settings.base_url,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        ALLOW_PRIVATE_HOSTS=settings.allow_private_hosts,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["vault"] = Vault(settings.secret_key.get_secret_value())
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, count, count, count, count)  # type: ignore[method-assign]
    cycle.register(app, database)
    errors.register(app)
    for part in (assets, text, dates):
        part.register(app)
    lti_pages.register(app, database, app.extensions["vault"])
    app.register_blueprint(registration_pages)
    app.register_blueprint(deep_linking, url_prefix="/v/<visit:visit_key>/deep-linking")
    _mount_kinds(app)
    return app


def _mount_kinds(app: Flask) -> None:
    for kind in registry.KINDS:
        app.register_blueprint(kind.pages, url_prefix=f"/v/<visit:visit_key>/{kind.name}")
