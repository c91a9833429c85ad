"""The whole job once, headless: over real HTTP, with real signed tokens, and counted at the end."""

import time
from collections.abc import Callable

from lti_peer.demo import admission, tally
from lti_peer.demo.classroom import crowd, instructor, peer_review, teaching
from lti_peer.demo.classroom.crowd import ActFailedError
from lti_peer.demo.classroom.seat import Seat
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.demo.stage import Stage
from lti_peer.demo.tally import Tally

REVIEWS_WANTED = 3
MOST_TURNS = 12
"""Turns of meeting: partners wait for each other a few times."""
MOST_ROUNDS = 5
"""Rounds of reviewing: whoever is done may take another where a text still needs one."""
LONGEST_WAIT = 90.0
"""Seconds for grades and statements to arrive once everybody has done their part."""

Say = Callable[[str, int, int], None]
"""Called with what is going on, how many are done, of how many."""
Act = Callable[[Seat, ResourceLink], int]


class Class:
    """Everybody who acts, and where the progress goes."""

    def __init__(self, stage: Stage, say: Say) -> None:
        """Give every learner a seat."""
        self.stage = stage
        self.say = say
        self._seats = [stage.seat(learner.id) for learner in stage.lms.learners]

    def act(self, name: str, link: ResourceLink, act: Act) -> int:
        """Let every learner do `act` in one activity; return the sum of what they did."""

        def one(seat: Seat) -> int:
            with seat:
                return act(seat, link)

        return sum(crowd.each(self._seats, one, self._reporter(name)))

    def press(self, link: ResourceLink, action: str, path: str = "") -> None:
        """Let the instructor press a button of the activity."""
        with self.stage.browser(self.stage.lms.instructor.id) as browser:
            instructor.press(browser, link, action, path)

    def _reporter(self, name: str) -> Callable[[int, int], None]:
        return lambda done, total: self.say(name, done, total)


def walk(stage: Stage, say: Say, before_delivery: Callable[[], int] = lambda: 0) -> Tally:
    """Register, place, launch, hand in, review, teach, release, deliver; return what was found.

    `before_delivery` is called before the last deliveries are waited for; it returns how many
    workers were killed.

    Raises ActFailedError when a page does not answer as it should.
    """
    began = time.monotonic()
    everybody = Class(stage, say)
    found = Tally(students=len(stage.lms.learners))
    admission.admit(stage)
    review = instructor.place(stage, peer_review.KIND, "A text for your peers (synthetic)")
    teach = instructor.place(stage, teaching.KIND, "Teach a topic, learn a topic (synthetic)")
    found.launches = everybody.act("Opening the review", review, _open)
    found.teaching["launches"] = everybody.act("Opening the teach-back", teach, _open)
    _review(everybody, review, found)
    _teach(everybody, teach, found)
    found.workers_killed = before_delivery()
    _deliver(everybody, found)
    _check(stage, review, found)
    _check_teaching(stage, teach, found)
    _check_statements(stage, found)
    found.seconds = round(time.monotonic() - began, 1)
    return found


def _review(everybody: Class, link: ResourceLink, found: Tally) -> None:
    found.submissions = everybody.act("Handing in", link, peer_review.hand_in)
    everybody.press(link, "/phases/submit/close")
    for round_number in range(1, MOST_ROUNDS + 1):
        found.reviews += everybody.act(f"Reviewing, round {round_number}", link, peer_review.review)
        with everybody.stage.database.transaction(read_only=True) as session:
            activity = tally.activity_of(session, link)
            found.fewest_reviews = tally.count_reviews(session, activity)[2]
        if found.fewest_reviews >= REVIEWS_WANTED:
            break
    everybody.press(link, "/phases/review/close")
    everybody.act("Reading feedback", link, peer_review.read)
    everybody.press(link, "/grades", "grades")


def _teach(everybody: Class, link: ResourceLink, found: Tally) -> None:
    found.teaching["signed_up"] = everybody.act("Signing up", link, teaching.sign_up)
    everybody.press(link, "/match")
    meet = teaching.meet(everybody.stage.now)
    for round_number in range(1, MOST_TURNS + 1):
        if not everybody.act(f"Meeting, round {round_number}", link, meet):
            break
    everybody.press(link, "/grades", "grades")


def _deliver(everybody: Class, found: Tally) -> None:
    """Wait until nothing is left to tell; a fault when that takes too long."""
    stage = everybody.stage
    until = time.monotonic() + LONGEST_WAIT
    most = left = 0
    while time.monotonic() < until:
        with stage.database.transaction(read_only=True) as session:
            left = tally.waiting(session, tally.deployments(session, stage.lms))
        most = max(most, left)
        everybody.say("Delivering grades and records", most - left, most)
        if not left:
            return
        time.sleep(0.2)
    found.faults.append(f"{left} items were still waiting after {LONGEST_WAIT:.0f} s")


def _check(stage: Stage, review: ResourceLink, found: Tally) -> None:
    with stage.database.transaction(read_only=True) as session:
        activity = tally.activity_of(session, review)
        works, reviews, found.fewest_reviews = tally.count_reviews(session, activity)
        given, found.grades_in_lms = tally.count_grades(session, stage.lms, activity)
    found.expect("launches that led to a page", found.launches, found.students)
    found.expect("submissions that the class made", found.submissions, found.students)
    found.expect("submissions that the tool has", works, found.submissions)
    found.expect("reviews that the tool has", reviews, found.reviews)
    found.expect("grades that the tool has given", given, found.students)
    found.expect("grades that stand in the LMS", found.grades_in_lms, given)
    if found.fewest_reviews < REVIEWS_WANTED:
        found.faults.append(f"a submission has only {found.fewest_reviews} reviews")


def _check_teaching(stage: Stage, link: ResourceLink, found: Tally) -> None:
    with stage.database.transaction(read_only=True) as session:
        activity = tally.activity_of(session, link)
        found.teaching["meetings"] = tally.count_held(session, activity)
        given, same = tally.count_grades(session, stage.lms, activity)
    found.teaching["grades_in_lms"] = same
    found.expect("teach-back launches", found.teaching["launches"], found.students)
    found.expect("teach-back sign-ups", found.teaching["signed_up"], found.students)
    found.expect("teach-back grades that stand in the LMS", same, given)
    if given < found.students or not found.teaching["meetings"]:
        found.faults.append("somebody took part in the teach-back and has no grade")


def _check_statements(stage: Stage, found: Tally) -> None:
    with stage.database.transaction(read_only=True) as session:
        tenants = tally.deployments(session, stage.lms)
        found.statements_emitted, found.statements_in_store, found.lost, found.duplicates = (
            tally.count_statements(session, tenants)
        )
    found.expect("statements lost", found.lost, 0)
    found.expect("statements stored twice", found.duplicates, 0)
    found.expect("statements in the store", found.statements_in_store, found.statements_emitted)


def _open(seat: Seat, link: ResourceLink) -> int:
    page = seat.open(link)
    if "<h1" not in page.text or "/v/" not in page.url:
        raise ActFailedError(f"The launch ended at {page.url}, which is no page of the activity.")
    return 1
