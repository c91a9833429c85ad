import socket

import pytest
import requests

from lti_peer.demo import servers


def hello(_environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def test_a_taken_port_is_passed_over():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        port = servers.take("127.0.0.1", number)
    assert port.number > number
    for one in port.sockets:
        one.close()


def test_twenty_taken_ports_are_an_error_that_says_so(monkeypatch):
    monkeypatch.setattr(servers, "_listen", lambda _name, _number: ())
    with pytest.raises(servers.NoPortError, match="choose --port"):
        servers.take("127.0.0.1", 20_000)


def test_an_application_answers_until_the_block_ends():
    port = servers.take("127.0.0.1", 20_100)
    address = f"http://127.0.0.1:{port.number}/"
    with servers.Server(hello, port):
        assert requests.get(address, timeout=5).text == "hello"
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=5)


def test_only_this_computer_can_reach_it():
    port = servers.take("localhost", 20_200)
    try:
        assert {one.getsockname()[0] for one in port.sockets} <= {"127.0.0.1", "::1"}
    finally:
        for one in port.sockets:
            one.close()


def test_a_server_ends_though_somebody_keeps_a_connection():
    server = servers.Server(hello, servers.take("127.0.0.1", 24_100))
    with requests.Session() as session:
        with server:
            port = server._server.effective_port
            assert session.get(f"http://127.0.0.1:{port}", timeout=5).text == "hello"
        assert not server._thread.is_alive()
