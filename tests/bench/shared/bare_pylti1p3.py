"""A tool as the README of PyLTI1p3 2.0.0 builds one: Flask, and nothing set but what must be."""

from flask import Flask
from lti.minting import BASE_URL
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage,
    FlaskMessageLaunch,
    FlaskOIDCLogin,
    FlaskRequest,
)
from pylti1p3.tool_config import ToolConfDict


class Cache(dict):
    """What PyLTI1p3 keeps its data in: the cheapest store there is, a dictionary."""

    def set(self, key, value, _exp):
        """Keep it for ever."""
        self[key] = value


def create_app(platform, jwks_url, *, caching=False):
    """Return the tool, which knows one LMS; with `caching` it keeps the LMS's key set."""
    app = Flask("bare")
    conf = ToolConfDict({platform.issuer: [_terms(platform, jwks_url)]})
    cache = FlaskCacheDataStorage(Cache())

    @app.post("/lti/login")
    def login():
        begun = FlaskOIDCLogin(FlaskRequest(), conf, launch_data_storage=cache)
        return begun.redirect(f"{BASE_URL}/lti/launch")

    @app.post("/lti/launch")
    def launch():
        message = FlaskMessageLaunch(FlaskRequest(), conf, launch_data_storage=cache)
        if caching:
            message.set_public_key_caching(cache, 7200)
        return message.get_launch_data()["sub"]

    return app


def _terms(platform, jwks_url):
    return {
        "default": True,
        "client_id": platform.client_id,
        "auth_login_url": platform.auth_url,
        "auth_token_url": platform.token_url,
        "key_set_url": jwks_url,
        "deployment_ids": ["1"],
    }
