"""The proxies: every word goes through as it comes, calls last, and nobody is taken for another."""

from __future__ import annotations

import re

import pytest

from repartee.server.app import longest_body
from repartee.settings import Settings
from tests.deploy.files import seconds, text

Block = dict[str, "list[str] | Block"]


def parsed_nginx() -> Block:
    """Directives by name; blocks by name and argument. What is not so is an error."""
    source = re.sub(r"#.*", "", text("deploy/nginx.conf"))
    words = re.findall(r'"[^"]*"|[^\s{};]+|[{};]', source)
    block, rest = _block(words)
    assert not rest, f"something is left: {rest[:5]}"
    return block


def _block(words: list[str]) -> tuple[Block, list[str]]:
    block: Block = {}
    directive: list[str] = []
    while words:
        word, *words = words
        if word == ";":
            assert directive, "a ; without a directive"
            same = block.setdefault(directive[0], [])
            assert isinstance(same, list)
            same.append(" ".join(directive[1:]))
            directive = []
        elif word == "{":
            inner, words = _block(words)
            name = " ".join(directive)
            while name in block:  # the server that passes on, beside the one that redirects
                name += "'"
            block[name] = inner
            directive = []
        elif word == "}":
            assert not directive, f"{directive} does not end with a ;"
            return block, words
        else:
            directive.append(word)
    assert not directive, f"{directive} does not end with a ;"
    return block, []


def inside(*path: str) -> Block:
    block = parsed_nginx()
    for name in path:
        found = block[name]
        assert isinstance(found, dict)
        block = found
    return block


class TestNginx:
    def test_http_only_leads_to_https(self) -> None:
        assert inside("server")["return"] == ["301 https://$host$request_uri"]

    def test_nothing_is_held_back(self) -> None:
        location = inside("server'", "location /")
        assert location["proxy_buffering"] == ["off"]
        assert location["proxy_request_buffering"] == ["off"]

    def test_websockets_are_passed_on(self) -> None:
        location = inside("server'", "location /")
        assert location["proxy_http_version"] == ["1.1"]
        headers = location["proxy_set_header"]
        assert "Upgrade $http_upgrade" in headers
        assert "Connection $connection_for_repartee" in headers
        assert inside("map $http_upgrade $connection_for_repartee")["default"] == ["upgrade"]

    def test_calls_may_be_silent_for_long(self) -> None:
        location = inside("server'", "location /")
        for name in ("proxy_read_timeout", "proxy_send_timeout"):
            (span,) = location[name]
            assert isinstance(span, str)
            assert seconds(span) > Settings().idle_seconds

    def test_nobody_can_pose_as_another(self) -> None:
        """What a client sends as X-Forwarded-For is replaced, not continued."""
        headers = inside("server'", "location /")["proxy_set_header"]
        assert "X-Forwarded-For $remote_addr" in headers
        assert "X-Forwarded-Proto $scheme" in headers
        assert "Host $http_host" in headers

    def test_recordings_fit_through(self) -> None:
        (most,) = inside("server'")["client_max_body_size"]
        assert isinstance(most, str)
        assert int(most.removesuffix("m")) << 20 >= longest_body(Settings())

    def test_figures_stay_inside(self) -> None:
        assert inside("server'", "location = /metrics")["return"] == ["404"]

    def test_it_asks_the_port_of_the_server(self) -> None:
        assert inside("upstream repartee")["server"] == [f"127.0.0.1:{Settings().port}"]


class TestCaddy:
    @pytest.fixture
    def caddyfile(self) -> str:
        return re.sub(r"#.*", "", text("deploy/Caddyfile"))

    def test_its_braces_match(self, caddyfile: str) -> None:
        assert caddyfile.count("{") == caddyfile.count("}")

    def test_nothing_is_held_back(self, caddyfile: str) -> None:
        assert "flush_interval -1" in caddyfile

    def test_recordings_fit_through(self, caddyfile: str) -> None:
        found = re.search(r"max_size (\d+)MB", caddyfile)
        assert found is not None
        assert int(found[1]) * 1_000_000 >= longest_body(Settings())

    def test_figures_stay_inside(self, caddyfile: str) -> None:
        assert "respond /metrics 404" in caddyfile

    def test_it_asks_the_port_of_the_server(self, caddyfile: str) -> None:
        assert f"reverse_proxy {{$UPSTREAM:127.0.0.1:{Settings().port}}}" in caddyfile
