"""A tool of sixty lines, with its own key: the other side of the simulated LMS."""

import secrets
import time
from functools import cache
from urllib.parse import urlencode

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, jsonify, redirect, request
from jwt.algorithms import RSAAlgorithm

SCOPES = {
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
}
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
BLOCK = "https://purl.imsglobal.org/spec/lti-tool-configuration"
SUBMIT = "<script>document.forms[0].submit()</script>"
CLOSE = """<script>parent.postMessage({subject: "org.imsglobal.lti.close"}, "*")</script>"""


@cache
def make_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeTool:
    def __init__(self, url):
        self.url, self.platform, self.launches, self.items = url, {}, [], []
        self.key = self.signer = make_key()
        self.kid, self.jwks_answer = "k1", None
        self.metadata = {
            "application_type": "web",
            "client_name": "Fake tool",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": f"{url}/login",
            "redirect_uris": [f"{url}/launch"],
            "jwks_uri": f"{url}/jwks",
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": "",
            BLOCK: {
                "domain": url.removeprefix("http://"),
                "target_link_uri": f"{url}/launch",
                "claims": ["iss", "sub", "name", "email"],
                "messages": [{"type": "LtiDeepLinkingRequest"}],
            },
        }

    def sign(self, **claims):
        now = int(time.time())
        claims = {"iss": self.client_id, "iat": now, "exp": now + 60, **claims}
        return jwt.encode(claims, self.signer, "RS256", headers={"kid": self.kid})

    @property
    def client_id(self):
        return self.registration["client_id"]

    def register(self, configuration, token):
        self.platform = requests.get(configuration, timeout=5).json()
        self.metadata["scope"] = " ".join(self.platform["scopes_supported"])
        headers = {"Authorization": f"Bearer {token}"}
        address = self.platform["registration_endpoint"]
        answer = requests.post(address, json=self.metadata, headers=headers, timeout=5)
        if answer.ok:
            self.registration = answer.json()
        return answer

    def app(self):
        app = Flask("fake_tool")
        app.add_url_rule("/jwks", view_func=self.jwks)
        app.add_url_rule("/configuration.json", view_func=self.configuration)
        app.add_url_rule("/register", view_func=self.registration_page)
        app.add_url_rule("/login", view_func=self.login, methods=["GET", "POST"])
        app.add_url_rule("/launch", view_func=self.launch, methods=["POST"])
        app.add_url_rule("/home", view_func=lambda: f"home {request.cookies['__Host-visit']}")
        return app

    def jwks(self):
        if self.jwks_answer:
            return self.jwks_answer
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return jsonify(keys=[{**public, "kid": self.kid, "alg": "RS256", "use": "sig"}])

    def configuration(self):
        placement = {
            "message_type": "LtiDeepLinkingRequest",
            "target_link_uri": f"{self.url}/launch",
        }
        return {
            "title": "Fake tool", "oidc_initiation_url": f"{self.url}/login",
            "target_link_uri": f"{self.url}/launch", "public_jwk_url": f"{self.url}/jwks",
            "scopes": sorted(SCOPES), "custom_fields": {},
            "extensions": [{"privacy_level": "public", "settings": {"placements": [placement]}}],
        }  # fmt: skip

    def registration_page(self):
        answer = self.register(
            request.args["openid_configuration"], request.args["registration_token"]
        )
        return answer.text + CLOSE, answer.status_code

    def login(self):
        given = request.values
        state, nonce = secrets.token_hex(8), secrets.token_hex(8)
        query = {
            "client_id": given["client_id"], "login_hint": given["login_hint"],
            "lti_message_hint": given["lti_message_hint"], "redirect_uri": f"{self.url}/launch",
            "response_type": "id_token", "response_mode": "form_post", "scope": "openid",
            "prompt": "none", "state": state, "nonce": nonce,
        }  # fmt: skip
        response = redirect(f"{self.platform['authorization_endpoint']}?{urlencode(query)}")
        response.set_cookie(
            "__Host-state", state, secure=True, httponly=True, samesite="None", partitioned=True
        )
        return response

    def launch(self):
        assert request.cookies["__Host-state"] == request.form["state"]
        keys = requests.get(self.platform["jwks_uri"], timeout=5).json()["keys"]
        token, key = request.form["id_token"], jwt.PyJWK(keys[0])
        claims = jwt.decode(token, key, algorithms=["RS256"], audience=self.client_id)
        self.launches.append(claims)
        if claims[LTI + "message_type"] == "LtiDeepLinkingRequest":
            return self.picker(claims)
        response = redirect("/home", 303)
        response.set_cookie(
            "__Host-visit", claims["sub"], secure=True, samesite="None", partitioned=True
        )
        return response

    def picker(self, claims):
        settings = claims[DL + "deep_linking_settings"]
        token = self.deep_linking_response(settings.get("data"))
        field = f'<input type="hidden" name="JWT" value="{token}">'
        form = f'<form method="post" action="{settings["deep_link_return_url"]}">{field}</form>'
        return form + SUBMIT

    def deep_linking_response(self, data, **changed):
        return self.sign(**{
            "aud": self.platform["issuer"],
            "nonce": secrets.token_hex(8),
            LTI + "message_type": "LtiDeepLinkingResponse",
            LTI + "version": "1.3.0",
            LTI + "deployment_id": self.registration[BLOCK]["deployment_id"],
            DL + "content_items": self.items,
            DL + "data": data,
            **changed,
        })  # fmt: skip

    def assertion(self, **changed):
        server = self.platform.get("authorization_server")
        claims = {"sub": self.client_id, "aud": server or self.platform["token_endpoint"]}
        return self.sign(**{**claims, "jti": secrets.token_hex(8), **changed})

    def token(self, scope, assertion=None):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
            "scope": scope,
        }
        return requests.post(self.platform["token_endpoint"], data=form, timeout=5)
