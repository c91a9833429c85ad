"""What can go wrong between the LMS and the tool, in words for the person in front of it."""

from uuid import UUID

from lti_peer.core.errors import PeerError

FROM_COURSE = "Open the activity again from your course page."
ADMINISTRATOR = "Tell your LMS administrator the code below; they can put it right."


class LaunchError(PeerError):
    """A login or a launch was refused: nothing is stored, and the launch row stays as it was.

    `code` is one word for the log and for support, such as `replayed`; `status` is the answer's.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 401, advice: str = FROM_COURSE
    ) -> None:
        """Keep the sentence, what the person can do, the code and the HTTP status."""
        super().__init__(message, advice=advice, code=code)
        self.status = status


class DeploymentRefused(LaunchError):
    """A launch that may be believed, from a part of its LMS that nobody has approved.

    `platform_id` and `deployment_key` say which; `state` is the deployment's, or `unknown`.
    """

    def __init__(self, platform_id: UUID, deployment_key: str, state: str) -> None:
        """Keep which it is, and say so."""
        super().__init__(
            f"deployment_{state}",
            f'This tool is not switched on for this part of your LMS (deployment "'
            f'{deployment_key[:60]}").',
            status=403,
            advice=ADMINISTRATOR,
        )
        self.platform_id = platform_id
        self.deployment_key = deployment_key
        self.state = state


class NotBound(LaunchError):
    """The browser that brings the token is not known to be the one that began the login.

    Its cookies are blocked, or somebody else began it; `again` has the fields that begin the same
    login anew, in a window of its own, and `auth_url` is where that leads.
    """

    def __init__(self, again: dict[str, str], auth_url: str) -> None:
        """Keep the fields of the login that a new window repeats, and the LMS's address."""
        super().__init__(
            "state_not_bound",
            "Your browser keeps no cookie of ours inside the course page, so we cannot be sure "
            "that it was you who opened it. In a window of its own it can.",
            advice="Open it in a window of its own.",
        )
        self.again = again
        self.auth_url = auth_url


def bad_claim(name: str, what: str = "is missing or malformed") -> LaunchError:
    """Return the refusal of a message whose claim `name` cannot be used."""
    return LaunchError(
        "bad_claim",
        f"Your LMS sent a message that does not follow LTI 1.3: {name} {what}.",
        status=400,
        advice=ADMINISTRATOR,
    )


def inactive() -> LaunchError:
    """Return the refusal of a registration that is not approved, or not any more."""
    return LaunchError(
        "registration_inactive",
        "This tool is not switched on for your LMS.",
        status=403,
        advice=ADMINISTRATOR,
    )
