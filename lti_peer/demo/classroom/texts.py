"""What synthetic learners write: made of parts, by a seed, and said to be synthetic."""

import random

OPENINGS = (
    "People learn a subject twice: once for themselves, and once when they explain it.",
    "A draft is a question that its author does not know how to ask yet.",
    "Most of what we call talent is feedback that came in time.",
    "A rubric is a promise about what will be looked at.",
)
CLAIMS = (
    "An example does more than a definition, because a reader can test it.",
    "Short sentences are kind to those who read on a phone.",
    "Numbers without their uncertainty invite false confidence.",
    "Reading three answers to one question shows where one's own is thin.",
    "A reader who does not know the author reads the text.",
    "What cannot be said simply is often not understood yet.",
)
CLOSINGS = (
    "That is why I would begin with an example next time.",
    "I am least sure of the second paragraph, and ask my readers to look there.",
    "What would change my mind is a case in which explaining did not help.",
)
PRAISE = (
    "The opening says at once what the text is about.",
    "The example in the middle made the claim clear to me.",
    "I could follow the order of the argument without going back.",
)
ADVICE = (
    "I would move the last point to the front, since everything rests on it.",
    "The second paragraph states a claim; one example would carry it.",
    "Say how sure you are of the last claim, and what would change your mind.",
    "Cut the sentence that repeats the opening.",
)


def essay(seed: str) -> str:
    """Return a short Markdown text of about 60 to 90 words, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - play, not secrets
    claims = dice.sample(CLAIMS, 3)
    return (
        f"## A synthetic text, number {seed}\n\n{dice.choice(OPENINGS)}\n\n"
        f"{claims[0]} {claims[1]}\n\n- {claims[2]}\n\n{dice.choice(CLOSINGS)}\n"
    )


def comment(seed: str) -> str:
    """Return two or three sentences of feedback, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - play, not secrets
    return " ".join([dice.choice(PRAISE), *dice.sample(ADVICE, 2)])


def level(seed: str, count: int) -> int:
    """Return which of `count` levels to give, 0 to count - 1; the better half is likelier."""
    dice = random.Random(seed)  # noqa: S311 - play, not secrets
    return max(dice.randrange(count), dice.randrange(count))
