from datetime import UTC, datetime
from uuid import UUID

import pytest

from xapi.lrs import keys
from xapi.lrs.keys import Scope
from xapi.lrs.models import Key

TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def made(records):
    return keys.add(records, TENANT, "reports", [Scope.READ], NOW)


def test_a_key_opens_its_tenant_with_its_scopes(records, made):
    holder = keys.authenticate(records, made.key, made.secret)

    assert holder.tenant == TENANT
    assert (holder.may_read, holder.may_write, holder.only_mine) == (True, False, False)


@pytest.mark.parametrize("secret", ["", "wrong", "\ud800"])
def test_a_wrong_secret_opens_nothing(records, made, secret):
    assert keys.authenticate(records, made.key, secret) is None


def test_key_and_secret_can_be_words_of_any_command(made):
    assert (len(made.key), len(made.secret)) == (32, 64)
    assert set(made.key + made.secret) <= set("0123456789abcdef")


def test_an_unknown_key_opens_nothing(records, made):
    assert keys.authenticate(records, "nobody", made.secret) is None


def test_a_revoked_key_opens_nothing(records, made):
    assert keys.revoke(records, TENANT, made.key, NOW)

    assert keys.authenticate(records, made.key, made.secret) is None
    assert not keys.revoke(records, TENANT, made.key, NOW)


def test_a_tenant_cannot_revoke_another_one_s_key(records, made):
    assert not keys.revoke(records, OTHER_TENANT, made.key, NOW)


def test_the_secret_is_nowhere_in_the_table(records, made):
    row = records.get(Key, made.id)

    assert made.secret.encode() not in row.secret_hash
    assert made.secret not in repr(vars(row))


def test_a_key_without_a_scope_is_refused(records):
    with pytest.raises(ValueError, match="scope"):
        keys.add(records, TENANT, "nothing", [], NOW)


@pytest.mark.parametrize(
    ("scopes", "rights"),
    [
        ([Scope.WRITE], (False, True, True)),
        ([Scope.READ_MINE], (True, False, True)),
        ([Scope.READ_MINE, Scope.WRITE], (True, True, True)),
        ([Scope.ALL], (True, True, False)),
    ],
)
def test_a_scope_gives_what_it_says_and_no_more(records, scopes, rights):
    made = keys.add(records, TENANT, "some", scopes, NOW)
    holder = keys.authenticate(records, made.key, made.secret)

    assert (holder.may_read, holder.may_write, holder.only_mine) == rights
