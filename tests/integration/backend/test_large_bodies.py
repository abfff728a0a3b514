"""A body over the limit, sent to the real server: refused early, in words that arrive."""

import http.client
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

MEGABYTE = b"x" * 1024 * 1024


def connect(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)


def megabytes(count: int) -> Iterator[bytes]:
    for _turn in range(count):
        yield MEGABYTE


def test_a_body_over_the_bound_is_refused_and_the_sender_reads_why(city_server: str) -> None:
    client = connect(city_server)
    client.request("POST", "/health/?lang=fr", MEGABYTE * 70)
    answer = client.getresponse()
    assert answer.status == 413
    assert "trop volumineux" in answer.read().decode()


def test_the_answer_comes_before_the_body(city_server: str) -> None:
    client = connect(city_server)
    client.putrequest("POST", "/health/")
    client.putheader("Content-Length", str(70 * 1024 * 1024))
    client.endheaders()
    client.send(MEGABYTE)
    assert client.getresponse().status == 413


def test_a_body_that_does_not_say_its_length_is_refused_too(city_server: str) -> None:
    client = connect(city_server)
    client.request("POST", "/health/", megabytes(70), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    assert client.getresponse().status == 413


def test_slow_senders_hold_up_nobody(city_server: str) -> None:
    slow = [connect(city_server) for _turn in range(12)]
    for client in slow:
        client.putrequest("POST", "/health/")
        client.putheader("Content-Length", "1000")
        client.endheaders()
        client.send(b"x" * 10)
    time.sleep(0.2)
    quick = connect(city_server)
    quick.request("GET", "/health/")
    assert quick.getresponse().status == 200
    for client in slow:
        client.close()
