"""How a class gets from one scene to the next, by its own acts over HTTP."""

from datetime import timedelta
from urllib.parse import urljoin

from lti_peer.demo.classroom import instructor, peer_review
from lti_peer.demo.platform.page_forms import forms_of


class Story:
    """One activity, and how far the class has got in it: `until` plays what is missing."""

    kind = ""
    scenes = ()

    def __init__(self, stage):
        self.stage = stage
        self.link = instructor.place(stage, self.kind, f"A {self.kind} to walk through")
        self.learners = stage.lms.learners
        self._seats = {person.id: stage.seat(person.id) for person in self.learners}
        self._played = 0

    def until(self, scene):
        """Bring the class to a scene; raises ValueError for one that is over."""
        wanted = self.scenes.index(scene) + 1
        if wanted < self._played:
            raise ValueError(f"{scene} is over")
        for name in self.scenes[self._played : wanted]:
            getattr(self, name.replace(" ", "_"))()
        self._played = wanted

    def sit(self, person):
        """Return the seat of somebody, in which the activity stays open."""
        return self._seats[person.id]

    def press(self, action, path=""):
        """Let the instructor press a button."""
        with self.stage.browser(self.stage.lms.instructor.id) as browser:
            instructor.press(browser, self.link, action, path)


class PeerReview(Story):
    kind = peer_review.KIND
    scenes = ("empty", "handed in", "reviewing", "feedback", "released")

    def empty(self):
        """Nobody has done anything."""

    def handed_in(self):
        """Let the instructor want something, and all but the last hand in."""
        self.press("/goals/new", "../goals/new?measure=opened")
        self._everybody(peer_review.hand_in, self.learners[:-1])

    def reviewing(self):
        """Let one take a review, one give one back, and two finish."""
        self.press("/phases/submit/close")
        self._everybody(peer_review.review, self.learners[2:4])
        for person in self.learners[:2]:
            with self.sit(person) as seat:
                page = seat.browser.submit(seat.open(self.link), form="/reviews")
                if person == self.learners[1]:
                    fields = {"reason": "cannot_open", "words": "It is empty."}
                    seat.browser.submit(page, fields, form="/decline")

    def feedback(self):
        """Let everybody review, close, and let one read."""
        for _ in range(3):
            self._everybody(peer_review.review, self.learners)
        self.press("/phases/review/close")
        self._everybody(peer_review.read, self.learners[1:2])

    def released(self):
        """Let the instructor release the grades."""
        self.press("/grades", "grades")

    def _everybody(self, act, people):
        for person in people:
            with self.sit(person) as seat:
                act(seat, self.link)


class Teaching(Story):
    kind = "teaching"
    scenes = ("empty", "signed up", "matched", "agreed", "met", "rated", "released")

    def empty(self):
        """Nobody has done anything."""

    def signed_up(self):
        """Let all but the last sign up."""
        for person in self.learners[:-1]:
            self._submit(person, "sign-up", "/sign-up")

    def matched(self):
        """Let the instructor match."""
        self.press("/match")

    def agreed(self):
        """Let all but the first answer and propose, and half of the partners confirm."""
        for person in self.learners[1:]:
            for address in self._meetings(person):
                self._submit(person, address, "/check", {"option": "0"})
                at = self.stage.now() + timedelta(hours=2)
                when = {"starts_at": f"{at:%Y-%m-%dT%H:%M}", "place": "Room 1 (synthetic)"}
                self._submit(person, address, "/propose", when)
        for person in self.learners[:3]:
            for address in self._meetings(person):
                self._submit(person, address, "/confirm")

    def met(self):
        """Let three hours pass, and all who can say that they met."""
        for person in self.learners:
            for address in self._meetings(person):
                self._submit(person, address, "/check", {"option": "0"})
                self._submit(person, address, "/confirm")
        self.stage.move(timedelta(hours=3))
        for person in self.learners[1:]:
            for address in self._meetings(person):
                self._submit(person, address, "/held")

    def rated(self):
        """Let all but the first answer once more and rate."""
        for person in self.learners[1:]:
            for address in self._meetings(person):
                self._submit(person, address, "/check", {"option": "1"})
                self._rate(person, address)

    def released(self):
        """Let the instructor release the grades."""
        self.press("/grades", "grades")

    def _meetings(self, person):
        with self.sit(person) as seat:
            home = seat.open(self.link)
        found = [part.split('"')[0] for part in home.text.split('href="')[1:]]
        return sorted({one.partition("#")[0] for one in found if "/meetings/" in one})

    def _submit(self, person, path, form, fields=None):
        """Send a form of a page, where the page has it."""
        with self.sit(person) as seat:
            page = seat.browser.get(urljoin(seat.open(self.link).url, path))
            if any(one.action.endswith(form) for one in forms_of(page.text)):
                sent = seat.browser.submit(page, fields or {}, form=form)
                assert sent.status_code == 200, sent.text

    def _rate(self, person, address):
        with self.sit(person) as seat:
            page = seat.browser.get(urljoin(seat.open(self.link).url, address))
            for part in page.text.split('href="')[1:]:
                if "/rate/" in (target := part.split('"')[0]):
                    form = seat.browser.get(urljoin(page.url, target))
                    marks = dict.fromkeys(_marks(form.text), "2")
                    seat.browser.submit(form, {**marks, "comment": "Clear."}, form=target)


def _marks(html):
    return {part.split('"')[0] for part in html.split('name="')[1:] if part.startswith("mark-")}


STORIES = {story.kind: story for story in (PeerReview, Teaching)}
