"""What the LMS says when a message breaks a rule."""


class ProtocolError(Exception):
    """A message broke a rule of the protocol.

    `status` is the HTTP status, `code` a word for programs (an OAuth 2 error code where there is
    one), and the text a sentence for the person who looks into the journal.
    """

    def __init__(self, status: int, code: str, sentence: str) -> None:
        """Keep the three; see the class."""
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
