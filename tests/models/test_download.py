"""One file comes: whole, or the rest of it, or not at all."""

import hashlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from repartee.errors import ReparteeError
from repartee.models import download
from repartee.models.download import NotThere, Wanted, fetch
from tests.models.hub import Hub, Trouble

CONTENT = bytes(range(256)) * 2_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as client:
        yield client


class Fetched(NamedTuple):
    sha256: str
    steps: list[tuple[int, int | None]]
    pauses: list[float]


def fetching(client: httpx.Client, wanted: Wanted) -> Fetched:
    steps: list[tuple[int, int | None]] = []
    pauses: list[float] = []
    found = fetch(client, wanted, lambda have, total: steps.append((have, total)), pauses.append)
    return Fetched(found, steps, pauses)


@pytest.fixture
def wanted(hub: Hub, tmp_path: Path) -> Wanted:
    hub.files["/model.bin"] = CONTENT
    return Wanted(f"{hub.url}/model.bin", tmp_path / "model.bin")


def left_over(wanted: Wanted) -> list[str]:
    return sorted(file.name for file in wanted.place.parent.iterdir())


class TestWhole:
    def test_it_is_there_under_its_name_and_nothing_else(
        self, client: httpx.Client, wanted: Wanted
    ) -> None:
        fetched = fetching(client, wanted)
        assert fetched.sha256 == SHA256
        assert wanted.place.read_bytes() == CONTENT
        assert left_over(wanted) == ["model.bin"]

    def test_how_it_goes_on_is_told_from_nothing_to_all(
        self, client: httpx.Client, wanted: Wanted
    ) -> None:
        steps = fetching(client, wanted).steps
        assert steps[0] == (0, len(CONTENT))
        assert steps[-1] == (len(CONTENT), len(CONTENT))
        assert steps == sorted(steps)

    def test_an_empty_file_is_a_file(self, client: httpx.Client, hub: Hub, tmp_path: Path) -> None:
        hub.files["/empty"] = b""
        fetching(client, Wanted(f"{hub.url}/empty", tmp_path / "empty"))
        assert (tmp_path / "empty").read_bytes() == b""


class TestResumed:
    def test_what_broke_off_goes_on_where_it_was(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(break_after=200_000), Trouble(break_after=100_000)]
        assert fetching(client, wanted).sha256 == SHA256
        assert hub.ranges[0] == ""
        begins = [int(one.removeprefix("bytes=").rstrip("-")) for one in hub.ranges[1:]]
        assert begins == sorted(begins)
        assert len(begins) == 2
        assert all(begins)

    def test_it_goes_on_after_another_start_of_the_program(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(break_after=200_000)] + [Trouble(status=503)] * download.MOST_TRIES
        with pytest.raises(ReparteeError):
            fetching(client, wanted)
        have = wanted.part.stat().st_size
        assert 0 < have <= 200_000
        hub.troubles.clear()
        hub.asked.clear()
        assert fetching(client, wanted).steps[0] == (have, len(CONTENT))
        assert hub.ranges == [f"bytes={have}-"]

    def test_a_file_that_has_changed_meanwhile_is_fetched_from_its_beginning(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        wanted.part.write_bytes(CONTENT[:1000])
        wanted.etag.write_text('"of yesterday"')
        assert fetching(client, wanted).sha256 == SHA256

    def test_a_part_of_an_unknown_version_is_not_gone_on_with(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        wanted.part.write_bytes(b"something else")
        assert fetching(client, wanted).sha256 == SHA256
        assert hub.ranges == [""]

    def test_a_server_that_can_not_resume_sends_it_anew(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(break_after=200_000), Trouble(ignore_range=True)]
        assert fetching(client, wanted).sha256 == SHA256

    def test_another_part_than_the_one_asked_for_is_not_taken(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(break_after=200_000), Trouble(wrong_range=True)]
        assert fetching(client, wanted).sha256 == SHA256

    def test_a_part_that_is_longer_than_the_file_is_given_up(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles.append(Trouble(break_after=10))
        fetching(client, wanted)
        wanted.part.write_bytes(CONTENT + b"more")
        tag = hashlib.md5(CONTENT).hexdigest()
        wanted.etag.write_text(f'"{tag}"')
        assert fetching(client, wanted).sha256 == SHA256


class TestPatience:
    def test_what_passes_is_waited_for_longer_each_time(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(status=503), Trouble(status=429), Trouble(status=500)]
        assert fetching(client, wanted).pauses == [1.0, 2.0, 4.0]

    def test_and_given_up_in_the_end(self, client: httpx.Client, hub: Hub, wanted: Wanted) -> None:
        hub.troubles += [Trouble(status=503)] * 99
        with pytest.raises(ReparteeError, match=r"breaks off all the time \(HTTP 503\)") as told:
            fetching(client, wanted)
        assert "not fetched again" in told.value.hint
        assert len(hub.asked) == download.MOST_TRIES

    def test_a_server_that_is_not_there_is_named(
        self, client: httpx.Client, tmp_path: Path
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        wanted = Wanted(f"http://127.0.0.1:{port}/model.bin", tmp_path / "model.bin")
        with pytest.raises(ReparteeError, match=rf"127\.0\.0\.1:{port} can't be reached") as told:
            fetching(client, wanted)
        assert "MODELS_MIRROR" in told.value.hint


class TestRefused:
    def test_a_file_that_is_not_there(self, client: httpx.Client, hub: Hub, tmp_path: Path) -> None:
        with pytest.raises(NotThere, match=r"has no file gone\.bin"):
            fetching(client, Wanted(f"{hub.url}/gone.bin", tmp_path / "gone.bin"))

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_file_that_not_everybody_gets(
        self, client: httpx.Client, hub: Hub, wanted: Wanted, status: int
    ) -> None:
        hub.troubles.append(Trouble(status=status))
        with pytest.raises(ReparteeError, match="to everybody") as told:
            fetching(client, wanted)
        assert "HF_TOKEN" in told.value.hint

    def test_an_answer_that_nobody_expects(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles.append(Trouble(status=418))
        with pytest.raises(ReparteeError, match="answered 418"):
            fetching(client, wanted)


class TestChecked:
    def test_another_file_than_the_known_one_is_deleted(
        self, client: httpx.Client, hub: Hub, tmp_path: Path
    ) -> None:
        hub.files["/model.bin"] = b"something else"
        wanted = Wanted(f"{hub.url}/model.bin", tmp_path / "model.bin", SHA256)
        with pytest.raises(ReparteeError, match="not the file that was expected") as told:
            fetching(client, wanted)
        assert SHA256[:12] in str(told.value)
        assert "It was deleted" in str(told.value)
        assert left_over(wanted) == []

    def test_what_the_hub_announces_counts_where_nothing_is_known(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.announce["/model.bin"] = "0" * 64
        with pytest.raises(ReparteeError, match="begins with"):
            fetching(client, wanted)
        hub.announce["/model.bin"] = SHA256
        assert fetching(client, wanted).sha256 == SHA256

    def test_a_tag_that_is_no_checksum_announces_nothing(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.announce["/model.bin"] = "some-tag"
        assert fetching(client, wanted).sha256 == SHA256


class TestDisk:
    def test_too_little_room_is_said_before_anything_is_written(
        self, client: httpx.Client, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage: Any = shutil.disk_usage("/")._replace(free=1_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
        with pytest.raises(ReparteeError, match="The disk has too little room: 1 MB are to come"):
            fetching(client, wanted)
        assert not wanted.part.exists()

    def test_a_folder_that_can_not_be_written_to_is_said(
        self, client: httpx.Client, wanted: Wanted
    ) -> None:
        wanted.part.mkdir()
        with pytest.raises(ReparteeError, match=r"model\.bin can't be written"):
            fetching(client, wanted)
