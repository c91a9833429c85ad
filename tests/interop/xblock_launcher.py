"""Start Open edX's LTI consumer on a free port of the loopback; run by `.venv-interop`'s Python.

Arguments: an empty folder and the tool's address. The first line of output is the port.

Key set, access tokens, line items, scores and results are its own REST views over its own tables;
logins, launches and deep linking answers are its `LtiAdvantageConsumer`'s. Written here is only
what edx-platform does around it: who is signed in, and which page comes after which.
"""

import sys
from html import escape
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

folder, tool = Path(sys.argv[1]), sys.argv[2]


class Server(ThreadingMixIn, WSGIServer):
    """Serves requests side by side, as the tool asks for keys while a page is under way."""

    daemon_threads = True


class Handler(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_):
        """Say nothing."""


server = make_server("127.0.0.1", 0, None, Server, Handler)
here = f"http://127.0.0.1:{server.server_port}"
settings.configure(
    SECRET_KEY="a secret of the tests",
    ALLOWED_HOSTS=["*"],
    DEBUG=True,  # faults are told, and not hidden
    ROOT_URLCONF="__main__",
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "config_models",
        "lti_consumer",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "platform.db"),
            "OPTIONS": {"timeout": 20},
        }
    },
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    LMS_ROOT_URL=here,
    PLATFORM_NAME="A test of Open edX's LTI consumer",
    LTI_API_BASE=here,
    LTI_BASE=here,
    USAGE_ID_PATTERN=r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))",
)  # fmt: skip
django.setup()
call_command("migrate", verbosity=0, run_syncdb=True)

# Its modules want the settings when they are imported.
from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.models import (  # noqa: E402
    Lti1p3Passport,
    LtiAgsLineItem,
    LtiAgsScore,
    LtiConfiguration,
)
from lti_consumer.utils import get_data_from_cache  # noqa: E402

passport = Lti1p3Passport.objects.create(
    name="tool", lti_1p3_tool_keyset_url=f"{tool}/lti/jwks.json"
)
configuration = LtiConfiguration.objects.create(
    version=LtiConfiguration.LTI_1P3,
    config_store=LtiConfiguration.CONFIG_ON_DB,
    lti_1p3_passport=passport,
    lti_1p3_oidc_url=f"{tool}/lti/login",
    lti_1p3_launch_url=f"{tool}/lti/launch",
    lti_1p3_redirect_uris=[f"{tool}/lti/launch"],
    lti_advantage_deep_linking_enabled=True,
    lti_advantage_deep_linking_launch_url=f"{tool}/lti/launch",
    lti_advantage_ags_mode=LtiConfiguration.LTI_ADVANTAGE_AGS_PROGRAMMATIC,
)
chosen = []


def consumer():
    """Return its consumer, which answers deep linking here instead of in Studio."""
    made = LtiConfiguration.objects.get(pk=configuration.pk).get_lti_consumer()
    made.enable_deep_linking(f"{tool}/lti/launch", f"{here}/chosen")
    return made


def told(_request):
    """Say what an administrator copies into the tool."""
    return JsonResponse(
        {
            "issuer": here,
            "client_id": configuration.lti_1p3_client_id,
            "auth_url": f"{here}/auth",
            "token_url": f"{here}/api/lti_consumer/v1/token/{passport.passport_id}",
            "jwks_url": f"{here}/api/lti_consumer/v1/public_keysets/{passport.passport_id}",
        }
    )


def launch(request, user):
    """Send the browser of this user to the tool's login."""
    deep = "deep" in request.GET
    data = Lti1p3LaunchData(
        user_id=user,
        user_role=request.GET.get("role", "student"),
        config_id=str(configuration.config_id),
        resource_link_id="block-v1:demo+101+2026+type@lti_consumer+block@1",
        name=f"{user.capitalize()} Example (synthetic)",
        context_id="course-v1:demo+101+2026",
        context_type=["course_offering"],
        context_title="Writing for Peers",
        context_label="demo 101",
        message_type="LtiDeepLinkingRequest" if deep else "LtiResourceLinkRequest",
    )
    return HttpResponseRedirect(consumer().prepare_preflight_url(data))


def authenticate(request):
    """Answer the tool's authentication request with a form that posts a launch to it."""
    given = request.GET.dict()
    data, answering = get_data_from_cache(given["lti_message_hint"]), consumer()
    answering.set_user_data(data.user_id, data.user_role, full_name=data.name)
    answering.set_resource_link_claim(data.resource_link_id, title="Peer review")
    answering.set_launch_presentation_claim(document_target="iframe")
    answering.set_context_claim(
        data.context_id,
        ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        data.context_title,
        data.context_label,
    )
    if chosen:
        answering.set_custom_parameters(chosen[0].get("custom", {}))
    fields = answering.generate_launch_request(given)
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    action = escape(given["redirect_uri"])
    return HttpResponse(
        f'<form method="post" action="{action}">{inputs}<button>Go on</button></form>'
    )


@csrf_exempt
def choose(request):
    """Take what was chosen by deep linking; the first item becomes the block, with its column."""
    items = consumer().check_and_decode_deep_linking_token(request.POST["JWT"])
    chosen[:] = items
    column = items[0].get("lineItem")
    if column:
        LtiAgsLineItem.objects.create(
            lti_configuration=configuration,
            label=column["label"],
            score_maximum=column["scoreMaximum"],
            resource_id=column.get("resourceId", ""),
            tag=column.get("tag", ""),
        )
    return HttpResponse(f"<h1>{len(items)} chosen</h1>")


@csrf_exempt
def forget(_request):
    """Forget what has come from the tool, for the next test."""
    chosen.clear()
    LtiAgsLineItem.objects.all().delete()
    return HttpResponse(status=204)


def state(_request):
    """Say what has come from the tool."""
    scores = LtiAgsScore.objects.values(
        "user_id", "score_given", "score_maximum", "comment", "grading_progress", "line_item__tag"
    )
    columns = LtiAgsLineItem.objects.values("label", "score_maximum", "resource_id", "tag")
    return JsonResponse({"chosen": chosen, "scores": list(scores), "columns": list(columns)})


urlpatterns = [
    path("settings", told),
    path("state", state),
    path("forget", forget),
    path("launch/<slug:user>", launch),
    path("auth", authenticate),
    path("chosen", choose),
    path("api/", include("lti_consumer.plugin.urls")),
]

server.set_app(get_wsgi_application())
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
