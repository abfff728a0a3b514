"""What the supervisor decides: ports, links, which parts run."""

import socket
from pathlib import Path

import pytest

from backend.launcher.serve import ServeError, links, parts, read_options, refuse_taken_port, running


def test_a_taken_port_is_named_with_the_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"Port {port} is taken.*--port"):
            refuse_taken_port(port)


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ServeError, match="70000"):
        read_options(["--port", "70000"])


def test_the_links_lead_each_reader_to_a_page() -> None:
    words = links(read_options(["--port", "8123"]))
    for place in ("8123/\n", "/demo/as/manager/", "/demo/as/evaluator/", "/demo/as/administrator/", "/tour"):
        assert place in words


def test_an_empty_site_offers_no_demo_doors() -> None:
    words = links(read_options(["--empty"]))
    assert "/demo/" not in words
    assert "createsuperuser" in words


def test_the_city_stands_still_when_asked() -> None:
    assert "demo player" in parts(read_options([]))
    assert "demo player" not in parts(read_options(["--still"]))
    assert "demo player" not in parts(read_options(["--empty"]))


def test_a_number_that_another_program_has_now_is_not_ours(tmp_path: Path) -> None:
    file = tmp_path / "up.pid"
    assert running(file) is None
    file.write_text("1\n", encoding="utf-8")
    assert running(file) is None
    file.write_text("not a number", encoding="utf-8")
    assert running(file) is None
