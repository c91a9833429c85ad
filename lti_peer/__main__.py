"""`python -m lti_peer`: the command `lti-peer`, for where it is not on the path."""

from lti_peer.cli import main

if __name__ == "__main__":
    main()
