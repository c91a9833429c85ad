"""Every part in every state, for the tests and for looking at. Nothing here is real."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from flask import Flask, Response, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.serving import make_server

from lti_peer.web import assets, charts, dates, text

ROOT = Path(charts.__file__).parent
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
PAGES = ("parts", "forms", "review", "dashboard", "problem", "crowd")

RUBRIC = [
    {
        "key": key,
        "title": title,
        "hint": hint,
        "levels": [
            {"points": points, "title": name, "words": words}
            for points, name, words in zip(
                range(4), ("Not yet", "Some", "Good", "Strong"), told, strict=True
            )
        ],
    }
    for key, title, hint, told in (
        (
            "claim",
            "Claim",
            "Can you say in one sentence what the text wants to show?",
            (
                "There is no claim that one could disagree with.",
                "There is a claim, but it changes on the way.",
                "The claim is clear from the start.",
                "The claim is clear, and its limits are named.",
            ),
        ),
        (
            "evidence",
            "Evidence and sources",
            None,
            ("No evidence.", "One example.", "Several examples.", None),
        ),
    )
]
WORK = """## Why tides lag behind the moon

The water does not follow the moon *at once*. A basin has its own rhythm, and **the coast decides**
how far the wave can run before the next one comes.

- In the open ocean the wave runs freely.
- In a bay it is reflected, as in the table.

| place | lag |
|---|---|
| open ocean | 1 h |
| narrow bay | 6 h |

> A tide is a wave whose crest is a day's walk long.

See [the gauge](https://example.org/gauge) and `h = a cos(wt)`.
"""
LONG_NAME = "Maximiliane-Theodora von Beispielhausen-Musterstadt (synthetic)"


def create_gallery() -> Flask:
    """Return an app with one page for each of PAGES, and the addresses that the scripts call."""
    app = Flask(__name__, static_folder=None)
    here = FileSystemLoader(Path(__file__).parent / "gallery_templates")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), here])
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = lambda: "token-of-the-gallery"
    for module in (assets, dates, text):
        module.register(app)
    app.config["DRAFTS"] = []
    app.config["ANSWERS"] = []

    @app.get("/<page>")
    def show(page: str) -> str:
        return render_template(f"gallery_{page}.html", **values())

    @app.post("/draft")
    def draft() -> tuple[dict[str, object], int]:
        app.config["DRAFTS"].append(request.form.to_dict())
        answers = app.config["ANSWERS"]
        saved = ({"saved": "10:42", "version": len(app.config["DRAFTS"])}, 200)
        return answers.pop(0) if answers else saved

    @app.post("/preview")
    def preview() -> str:
        return text.render(request.form["text"])

    @app.get("/count")
    def count() -> str:
        return "<p>Twenty-four of twenty-four</p>"

    @app.post("/done")
    def done() -> str:
        return "done"

    @app.after_request
    def headers(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    return app


def values() -> dict[str, object]:
    """Return what the gallery's pages show."""
    names = [f"Learner {number:03} (synthetic)" for number in range(1, 301)]
    wide = [
        charts.Cell(row, (row + step) % 300, ("sent", "started", "offered")[(row + step) % 3])
        for row in range(300)
        for step in (1, 7, 19)
    ]
    few = names[:24]
    cells = [
        charts.Cell(
            row,
            (row + step) % 24,
            ("sent", "sent", "started", "offered", "expired")[(row * step) % 5],
        )
        for row in range(24)
        for step in (1, 5, 11)
    ]
    return {
        "now": NOW,
        "zone": "Europe/Paris",
        "soon": NOW + timedelta(days=3, hours=13),
        "past": NOW - timedelta(hours=3),
        "lang": request.args.get("lang", "en"),
        "dir": request.args.get("dir", "ltr"),
        "full_window_url": "/parts",
        "frame_origin": request.args.get("frame_origin"),
        "help_url": "/problem",
        "rubric_criteria": RUBRIC,
        "work": WORK,
        "long_name": LONG_NAME,
        "names": names,
        "matrix": charts.matrix("Who reviews whom", few, few, cells),
        "wide_matrix": charts.matrix("Who reviews whom", names, names, wide),
        "bars": charts.bars(
            "Reviews sent, by person",
            [("0 reviews", 3), ("1 review", 5), ("2 reviews", 0), ("3 reviews", 16)],
            unit="people",
        ),
    }


class Served:
    """The gallery on a port of its own; `url` has no slash at its end."""

    def __init__(self) -> None:
        self.app = create_gallery()
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop serving and give the port back."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
