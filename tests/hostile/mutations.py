"""Hostile launches: each mutation makes of a good launch one that must never get in.

A mutation takes a `Shot`, the form fields of a good launch, and bends one thing. Nothing here is
random but by the dice that are handed in, so a run can be repeated from its seed.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import jwt
from lti.minting import TARGET, key, sign

from lti_peer.lti import claims as words
from lti_peer.lti import keys

DAY = 86_400
REQUIRED = (
    "iss", "aud", "sub", "iat", "exp", "nonce", words.MESSAGE_TYPE, words.VERSION,
    words.DEPLOYMENT_ID, words.TARGET_LINK_URI, words.RESOURCE_LINK, words.ROLES,
)  # fmt: skip
NUMBERS = ("1e400", "NaN", "Infinity", "-Infinity", "true", '"1"', "null", "[]", "{}", "-1", "0")
"""What a date may not be, as JSON says it."""
TARGETS = (
    "https://evil.example/lti/launch",
    "//evil.example",
    "\\\\evil.example",
    TARGET + "@evil",
    "https://tool.example@evil.example/",
    "https://tool.example.evil.example/lti/launch",
    TARGET + "\r\nLocation: https://evil.example",
    "javascript:alert(1)",
    TARGET.upper(),
    "https://tool.example:8443/lti/launch",
    TARGET + "?x=1",
    "https://tооl.example/lti/launch",
)


@dataclass
class Shot:
    """One launch that is about to be posted."""

    claims: dict
    state: str
    others: tuple = ()
    """States and nonces of other logins, of this browser and of others."""
    fields: list = field(default_factory=list)
    """Pairs of form fields, when they are not simply the token and the state."""
    token: object = None
    """The token, when it is not simply the signed claims."""
    cookie: bool = True
    """Whether the browser shows the login's cookie."""

    @property
    def form(self):
        """The form fields as they are posted."""
        return self.fields or [("id_token", self.signed), ("state", self.state)]

    @property
    def signed(self):
        """The token as it is posted."""
        return sign(self.claims) if self.token is None else self.token


def b64(raw):
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def junk(dice):
    """Return a JSON value that is no text of any sense."""
    return dice.choice(
        [None, True, 0, -1, 1.5, [], {}, [[]], [{}], {"id": []}, [None], [1, 2], "", "\0", " "]
    )


def without_a_claim(shot, dice):
    del shot.claims[dice.choice(REQUIRED)]


def with_a_claim_of_another_type(shot, dice):
    name = dice.choice([one for one in REQUIRED if one != words.ROLES])
    shot.claims[name] = junk(dice)


def with_roles_that_are_no_list_of_texts(shot, dice):
    shot.claims[words.ROLES] = dice.choice([None, "Instructor", {}, 7, [7], [None], ["x"] * 101])


def with_an_id_too_long(shot, dice):
    name = dice.choice(["sub", words.DEPLOYMENT_ID, "nonce"])
    shot.claims[name] = "x" * dice.choice([256, 1_000, 20_000])


def with_a_foreign_audience(shot, dice):
    client = shot.claims["aud"]
    shot.claims["aud"] = dice.choice(
        ["evil", [], [client, "evil"], ["evil"], ["evil", client], client + "x", client.upper()]
    )


def with_a_foreign_party(shot, dice):
    shot.claims["azp"] = dice.choice(["evil", shot.claims["iss"], "", 7])


def with_a_foreign_issuer(shot, dice):
    issuer = shot.claims["iss"]
    shot.claims["iss"] = dice.choice(
        [issuer + "/", issuer.upper(), issuer.replace("https", "http"), "https://evil.example", ""]
    )


def with_another_nonce(shot, dice):
    _, nonce = dice.choice(shot.others)
    shot.claims["nonce"] = dice.choice([nonce, nonce[:-1], shot.claims["nonce"] + "x", "", "\0"])


def with_another_state(shot, dice):
    state, _ = dice.choice(shot.others)
    shot.state = dice.choice([state, shot.state[:-1], shot.state + "x", "\0", "é" * 99, "../" * 9])


def at_another_time(shot, dice):
    now = shot.claims["iat"]
    bent = dice.choice(
        [
            {"exp": now - dice.randrange(60, 9 * DAY)},
            {"iat": now + dice.randrange(120, 9 * DAY), "exp": now + 10 * DAY},
            {"exp": now + dice.randrange(DAY + 1, 3_000 * DAY)},
            {"iat": now - dice.randrange(700, 9 * DAY)},
            {"iat": 11_111, "exp": 22_222},
            {"nbf": now + dice.randrange(300, 9 * DAY)},
        ]
    )
    shot.claims.update(bent)


def with_a_date_that_is_none(shot, dice):
    name, value = dice.choice(["exp", "iat"]), dice.choice(NUMBERS)
    body = json.dumps({**shot.claims, name: "@"}).replace('"@"', value)
    shot.token = sign(body.encode())


def in_another_deployment(shot, dice):
    shot.claims[words.DEPLOYMENT_ID] = dice.choice(["2", "", "1 ", " 1", "01", "１", "1\0"])


def with_another_target(shot, dice):
    shot.claims[words.TARGET_LINK_URI] = dice.choice(TARGETS)


def with_another_message(shot, dice):
    shot.claims[words.MESSAGE_TYPE] = dice.choice(
        [
            "LtiStartProctoring",
            "ltiresourcelinkrequest",
            "LtiDeepLinkingResponse",
            "x" * 9_999,
            "\0",
        ]
    )


def with_another_version(shot, dice):
    shot.claims[words.VERSION] = dice.choice(["1.1.0", "11.3", "1.3", "1.3.0 ", "", 1.3, ["1.3.0"]])


def with_a_bad_link(shot, dice):
    shot.claims[words.RESOURCE_LINK] = dice.choice(
        ["9", {}, {"id": ""}, {"id": 9}, {"id": "x" * 300}, [{"id": "9"}], {"id": None}]
    )


def with_a_bad_context(shot, dice):
    shot.claims[words.CONTEXT] = dice.choice(
        [
            "2",
            {},
            {"id": ""},
            {"id": 2},
            {"id": "x" * 300},
            [],
            {"id": "2", "type": "CourseSection"},
        ]
    )


def with_bad_parts(shot, dice):
    name = dice.choice([words.CUSTOM, words.PRESENTATION, words.AGS, words.NRPS, words.FOR_USER])
    shot.claims[name] = dice.choice(["x", [], 7, True, [{}]])


def with_a_member_twice(shot, dice):
    name = dice.choice(REQUIRED)
    body = json.dumps(shot.claims)
    shot.token = sign(
        (body[:-1] + f", {json.dumps(name)}: {json.dumps(shot.claims[name])}}}").encode()
    )


def nested_deep(shot, dice):
    depth = dice.choice([1_000, 5_000, 20_000])
    body = json.dumps({**shot.claims, "x": "@"}).replace('"@"', "[" * depth + "]" * depth)
    shot.token = sign(body.encode())


def with_a_payload_that_is_no_object(shot, dice):
    shot.token = sign(dice.choice([b"[]", b"null", b'"x"', b"7", b"", b"{", b"\xff\xfe", b"true"]))


def with_another_key(shot, dice):
    shot.token = sign(shot.claims, signer=key("attacker"), kid=dice.choice(["k1", "k2"]))


def with_another_key_id(shot, dice):
    kid = dice.choice(["k2", "K1", "", "k1\0", "../../k1", "x" * 5_000, 1, None, ["k1"], {"a": 1}])
    shot.token = _headed(shot, {"alg": "RS256", "typ": "JWT", "kid": kid})


def with_another_algorithm(shot, dice):
    names = ["none", "None", "nOnE", "HS256", "RS384", "RS512", "PS256", "ES256", "", None, 7]
    shot.token = _headed(shot, {"alg": dice.choice(names), "typ": "JWT", "kid": "k1"})


def signed_with_the_public_key_as_a_secret(shot, dice):
    public = json.dumps(keys.public_jwk("k1", key())).encode()
    header = {"alg": dice.choice(["HS256", "HS512"]), "kid": "k1"}
    signer = jwt.get_algorithm_by_name(header["alg"])
    body = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(shot.claims).encode())}"
    shot.token = f"{body}.{b64(signer.sign(body.encode(), public))}"


def with_a_key_of_its_own(shot, dice):
    own = keys.public_jwk("k1", key("attacker"))
    extra = dice.choice(
        [
            {"jwk": own},
            {"jku": "http://127.0.0.1:1/keys"},
            {"x5u": "http://127.0.0.1:1/x"},
            {"x5c": ["MIIB"]},
        ]
    )
    shot.token = sign(shot.claims, signer=key("attacker"), **extra)


def with_conditions(shot, dice):
    if dice.random() < 1 / 2:
        shot.token = sign(shot.claims, crit=["exp"])
    else:
        shot.token = _headed(shot, {"alg": "RS256", "kid": "k1", "b64": True})


def with_a_bit_flipped(shot, dice):
    head, body, tail = sign(shot.claims).split(".")
    parts = [head, body, tail]
    which = dice.randrange(3)
    raw = bytearray(urlsafe_b64decode(parts[which] + "=="))
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    parts[which] = b64(bytes(raw))
    shot.token = ".".join(parts)


def cut_short(shot, dice):
    token = sign(shot.claims)
    shot.token = token[: dice.randrange(len(token) - 2)]


def with_other_parts(shot, dice):
    head, body, tail = sign(shot.claims).split(".")
    whole = f"{head}.{body}.{tail}"
    few = [f"{head}.{body}", f"{head}.{body}.", f".{body}.{tail}", f"{head}..{tail}", "..", "", "."]
    many = [f"{whole}.x", f"{whole}.a.b", f"{body}.{head}.{tail}", "a.b.c", "=" * 99]
    odd = [f"{head}\n.{body}.{tail}", f"{whole}é", f"{head}.{body}.\0{tail}", f"{head}.{body}==.!"]
    shot.token = dice.choice([*few, *many, *odd])


def enormous(shot, dice):
    size = dice.choice([70_000, 200_000, 1_000_000])
    shot.token = dice.choice(["x" * size, sign(shot.claims) + "A" * size, "." * size])


def with_fields_twice(shot, dice):
    token = shot.signed
    good = [("id_token", token), ("state", shot.state)]
    shot.fields = dice.choice(
        [
            [*good, ("id_token", token)],
            [*good, ("state", shot.state)],
            [("state", shot.others[0][0]), *good],
        ]
    )


def with_fields_missing(shot, dice):
    token, state = ("id_token", shot.signed), ("state", shot.state)
    shot.fields = dice.choice(
        [
            [token],
            [state],
            [("x", "y")],
            [("id_token", ""), state],
            [token, ("state", "")],
            [("error", "x"), token, state],
        ]
    )


def in_another_browser(shot, _dice):
    shot.cookie = False


def _headed(shot, header):
    """Return the claims under a header of any sort, with a signature that fits the good one."""
    good = sign(shot.claims)
    return f"{b64(json.dumps(header).encode())}.{good.partition('.')[2]}"


MUTATIONS = tuple(
    mutation
    for name, mutation in list(globals().items())
    if callable(mutation)
    and name.startswith(("with", "at_", "in_", "nested", "signed", "cut", "enormous"))
)
"""Every one of them; a run takes one after another."""
