"""Attachments: xAPI 1.0.3 part 2, 2.4.11, and part 3, 1.5.2 and 2.1.3."""

import hashlib
import json

import pytest
from conformance.xapi.clients import BOUNDARY, attachment, mixed, part, parts_of, statement

from xapi.lrs import statement_views

ONE, TWO, BINARY = b"one", b"two", bytes(range(256)) + b"\r\n--" + BOUNDARY[:5].encode()
FILE = "https://example.org/file.txt"


def said(*data, **more):
    return statement(attachments=[attachment(one, **more) for one in data])


def send(lrs, *args, **more):
    return lrs.ask("POST", "statements", **mixed(*args, **more))


def refused(lrs, answer):
    return answer.status_code == 400 and lrs.ids() == []


@pytest.mark.parametrize(
    "data", [ONE, BINARY, b"", b"\r\n\r\n"], ids=["text", "bytes", "empty", "lines"]
)
def test_data_come_back_byte_by_byte(both, data):
    sent = said(data)
    assert send(both, sent, part(data)).status_code == 200
    answer = both.get("statements", {"statementId": sent["id"], "attachments": "true"})
    (_, body), (headers, back) = parts_of(answer)

    assert answer.mimetype == "multipart/mixed"
    assert sent["id"].encode() in body
    assert back == data
    assert headers["X-Experience-API-Hash"] == sent["attachments"][0]["sha2"]
    assert headers["Content-Transfer-Encoding"] == "binary"
    assert headers["Content-Type"] == "text/plain"


def test_put_takes_attachments_as_well(both):
    sent = said(ONE)
    answer = both.ask("PUT", "statements", {"statementId": sent["id"]}, **mixed(sent, part(ONE)))
    assert answer.status_code == 204


def test_xapi_00167_a_page_comes_with_the_data_of_all_its_statements_each_once(both):
    send(both, [said(ONE, TWO), said(ONE)], part(ONE), part(TWO))
    answer = both.get("statements", {"attachments": "true"})
    (first, body), *rest = parts_of(answer)

    assert first["Content-Type"] == "application/json"
    assert b'"statements"' in body
    assert sorted(data for _, data in rest) == [ONE, TWO]


@pytest.mark.parametrize("query", [{}, {"attachments": "false"}])
def test_xapi_00161_without_being_asked_for_no_data_come(both, query):
    sent = said(ONE)
    send(both, sent, part(ONE))
    answer = both.get("statements", {"statementId": sent["id"], **query})

    assert answer.mimetype == "application/json"


def test_1_5_2_s3_b5_data_may_come_with_a_file_url(both):
    sent = said(ONE, fileUrl=FILE)
    assert send(both, sent, part(ONE)).status_code == 200
    answer = both.get("statements", {"statementId": sent["id"], "attachments": "true"})

    assert parts_of(answer)[1][1] == ONE


def test_xapi_00127_a_file_url_needs_no_data(both):
    assert both.post(said(ONE, fileUrl=FILE)).status_code == 200
    assert send(both, said(TWO, fileUrl=FILE)).status_code == 200


def test_1_5_2_s3_b8_parts_may_be_none(both):
    assert send(both, statement()).status_code == 200


def test_rfc_9110_8_3_1_media_types_have_no_case(both):
    sent = mixed(said(ONE), part(ONE), kind="Application/JSON")
    sent["content_type"] = f"Multipart/Mixed; Boundary={BOUNDARY}"
    assert both.ask("POST", "statements", **sent).status_code == 200

    single = {"data": json.dumps(statement()), "content_type": "application/JSON"}
    assert both.ask("POST", "statements", **single).status_code == 200


def test_data_for_several_statements_are_sent_once(both):
    assert send(both, [said(ONE), said(ONE)], part(ONE)).status_code == 200


def test_an_attachment_in_a_sub_statement_has_its_data_too(both):
    inner = {**said(ONE), "objectType": "SubStatement"}
    del inner["id"]
    sent = statement(object=inner)

    assert send(both, sent).status_code == 400
    assert send(both, sent, part(ONE)).status_code == 200


def test_the_sum_may_be_in_upper_case_and_of_any_length_of_sha_2(both):
    for name in ("sha224", "sha384", "sha512"):
        sha2 = hashlib.new(name, ONE).hexdigest().upper()
        sent = said(ONE, sha2=sha2)
        answer = send(both, sent, part(ONE, X_Experience_API_Hash=sha2))
        assert answer.status_code == 200
        back = both.get("statements", {"statementId": sent["id"], "attachments": "true"})
        assert parts_of(back)[1][1] == ONE


def test_the_length_is_not_what_data_are_matched_by(both):
    assert send(both, said(ONE, length=99), part(ONE)).status_code == 200


def test_xapi_00129_an_attachment_without_file_url_needs_its_data(both):
    assert refused(both, both.post(said(ONE)))
    assert refused(both, send(both, said(ONE, TWO), part(ONE)))


def test_data_that_came_before_do_not_count(both):
    send(both, said(ONE), part(ONE))
    assert both.post(said(ONE)).status_code == 400


def test_xapi_00128_a_part_that_belongs_to_no_attachment_is_refused(both):
    assert refused(both, send(both, said(ONE), part(ONE), part(TWO)))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "headers",
    [
        {"X_Experience_API_Hash": None},
        {"X_Experience_API_Hash": "4" * 64},
        {"X_Experience_API_Hash": "x"},
        {"X_Experience_API_Hash": "g" * 64},
        {"Content_Transfer_Encoding": "base64"},
    ],
)
def test_xapi_00132_and_00135_a_part_has_its_sum_and_is_binary(both, headers):
    assert refused(both, send(both, said(ONE), part(ONE, **headers)))


def test_1_5_2_s3_b5_a_part_says_that_it_is_binary_and_in_2_0_0_need_not(lrs):
    silent = part(ONE, Content_Transfer_Encoding=None)
    assert refused(lrs, send(lrs, said(ONE), silent))
    assert send(lrs.speaking("2.0.0"), said(ONE), silent).status_code == 200


def test_xapi_00134_the_first_part_is_json(both):
    assert refused(both, send(both, said(ONE), part(ONE), kind="text/plain"))


def test_xapi_00133_all_statements_are_in_the_first_part(both):
    again = b"Content-Type: application/json\r\n\r\n{}"
    assert refused(both, send(both, said(ONE), again, part(ONE)))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "kind", ["multipart/mixed", "multipart/mixed;", "multipart/mixed; boundary=" + "x" * 71]
)
def test_xapi_00131_a_boundary_is_named(both, kind):
    sent = {**mixed(said(ONE), part(ONE)), "content_type": kind}
    assert refused(both, both.ask("POST", "statements", **sent))


def test_xapi_00127_another_multipart_type_is_refused(both):
    sent = {
        **mixed(said(ONE), part(ONE)),
        "content_type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    assert refused(both, both.ask("POST", "statements", **sent))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "broken",
    [
        lambda body: body.replace(f"--{BOUNDARY}\r\n".encode(), b"", 1),
        lambda body: body.replace(f"\r\n--{BOUNDARY}\r\n".encode(), b"\r\n", 1),
        lambda body: body[: -len(BOUNDARY) - 8],
        lambda body: body[: len(body) // 2],
        lambda body: body.replace(b"\r\n\r\n", b"\r\n"),
        lambda body: body.replace(b"Content-Type:", b"Content-Type"),
        lambda body: body.replace(BOUNDARY.encode() + b"\r", BOUNDARY.encode() + b"x\r"),
        lambda _body: b"",
    ],
    ids=["first", "between", "last", "half", "headers", "colon", "padding", "empty"],
)
def test_xapi_00130_a_body_that_is_not_well_formed_is_refused(both, broken):
    sent = mixed(said(ONE), part(ONE))
    assert refused(both, both.ask("POST", "statements", **{**sent, "data": broken(sent["data"])}))


def test_text_before_the_first_boundary_and_spaces_after_one_mean_nothing(both):
    sent = mixed(said(ONE), part(ONE))
    body = b"\r\n" + sent["data"].replace(BOUNDARY.encode() + b"\r", BOUNDARY.encode() + b" \t\r")

    assert both.ask("POST", "statements", **{**sent, "data": body}).status_code == 200


def test_nothing_is_kept_of_what_was_refused(both):
    send(both, [said(ONE), {}], part(ONE))
    both.post(said(ONE, fileUrl=FILE))
    answer = both.get("statements", {"attachments": "true"})

    assert len(parts_of(answer)) == 1


def test_a_page_ends_where_data_become_too_much(both, monkeypatch):
    monkeypatch.setattr(statement_views, "MAX_DATA", 5)
    sent = [said(ONE), said(TWO), statement()]
    send(both, sent, part(ONE), part(TWO))
    page = parts_of(both.get("statements", {"attachments": "true", "ascending": "true"}))
    (_, body), (_, data) = page

    assert data == ONE
    assert sent[0]["id"].encode() in body
    assert sent[1]["id"].encode() not in body


def test_more_leads_on_where_a_page_was_cut(both, monkeypatch):
    monkeypatch.setattr(statement_views, "MAX_DATA", 1)
    sent = [said(ONE), said(TWO), said(BINARY)]
    send(both, sent, part(ONE), part(TWO), part(BINARY))
    query, seen = "/xAPI/statements?attachments=true&ascending=true", []
    while query:
        parts = parts_of(both.http.get(query, headers=both.headers))
        seen += [data for _, data in parts[1:]]
        query = json.loads(parts[0][1])["more"]

    assert seen == [ONE, TWO, BINARY]


def test_attachments_of_voided_statements_come_when_those_are_asked_for(both):
    sent = said(ONE)
    ref = {"objectType": "StatementRef", "id": sent["id"]}
    voiding = statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=ref)
    send(both, [sent, voiding], part(ONE))
    answer = both.get("statements", {"voidedStatementId": sent["id"], "attachments": "true"})

    assert parts_of(answer)[1][1] == ONE
