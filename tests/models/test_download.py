"""One file comes: whole, or the rest of it, or not at all."""

import email.utils
import hashlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
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
    is_verified: bool
    steps: list[tuple[int, int | None]]
    pauses: list[float]


def fetching(client: httpx.Client, wanted: Wanted) -> Fetched:
    steps: list[tuple[int, int | None]] = []
    pauses: list[float] = []
    found = fetch(client, wanted, lambda have, total: steps.append((have, total)), pauses.append)
    return Fetched(found.sha256, found.is_verified, steps, pauses)


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
        wanted.version.write_text('"of yesterday"')
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
        wanted.version.write_text(f'"{tag}"')
        assert fetching(client, wanted).sha256 == SHA256

    def test_a_date_tells_versions_apart_too(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.tags, hub.changed = False, "Mon, 01 Jan 2024 00:00:00 GMT"
        hub.troubles += [Trouble(break_after=200_000)]
        assert fetching(client, wanted).sha256 == SHA256
        assert [one.headers.get("if-range", "") for one in hub.asked] == ["", hub.changed]
        assert hub.ranges[1]

    def test_a_date_of_this_minute_does_not(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.tags, hub.changed = False, email.utils.formatdate(usegmt=True)
        hub.troubles += [Trouble(break_after=200_000)]
        assert fetching(client, wanted).sha256 == SHA256
        assert hub.ranges == ["", ""]

    def test_a_part_that_is_complete_gets_its_name_without_another_byte(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        wanted.part.write_bytes(CONTENT)
        wanted.version.write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
        fetched = fetching(client, wanted)
        assert (fetched.sha256, fetched.steps) == (SHA256, [])
        assert len(hub.asked) == 1
        assert left_over(wanted) == ["model.bin"]

    def test_one_whose_checksum_is_known_is_not_even_asked_for(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        wanted.part.write_bytes(CONTENT)
        known = msgspec.structs.replace(wanted, sha256=SHA256)
        assert fetching(client, known).sha256 == SHA256
        assert hub.asked == []

    def test_one_that_is_complete_and_wrong_is_deleted(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        wanted.part.write_bytes(CONTENT[::-1])
        wanted.version.write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
        with pytest.raises(ReparteeError, match="not the file that was expected"):
            fetching(client, msgspec.structs.replace(wanted, sha256=SHA256))
        assert left_over(wanted) == []


class TestPatience:
    def test_a_byte_for_each_try_is_not_worth_it(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(break_after=1)] * 99
        with pytest.raises(ReparteeError, match="breaks off all the time"):
            fetching(client, wanted)
        assert len(hub.asked) == download.MOST_TRIES

    def test_much_for_each_try_is(
        self, client: httpx.Client, hub: Hub, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(download, "WORTH_BYTES", 10_000)
        hub.troubles += [Trouble(break_after=60_000)] * 8
        assert fetching(client, wanted).sha256 == SHA256

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

    def test_only_what_somebody_else_says_is_verified(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        assert not fetching(client, wanted).is_verified
        as_before = msgspec.structs.replace(wanted, sha256=SHA256, is_as_before=True)
        assert not fetching(client, as_before).is_verified
        assert fetching(client, msgspec.structs.replace(wanted, sha256=SHA256)).is_verified
        hub.announce["/model.bin"] = SHA256
        assert fetching(client, wanted).is_verified

    @pytest.mark.parametrize("break_after", [None, 1_000])
    def test_without_a_length_or_a_checksum_nobody_knows_whether_all_of_it_came(
        self, client: httpx.Client, hub: Hub, wanted: Wanted, break_after: int | None
    ) -> None:
        hub.troubles += [Trouble(no_length=True, break_after=break_after)]
        with pytest.raises(ReparteeError, match="whether all of it came can't be told"):
            fetching(client, wanted)
        assert left_over(wanted) == []

    def test_without_a_length_a_checksum_confirms_it(
        self, client: httpx.Client, hub: Hub, wanted: Wanted
    ) -> None:
        hub.troubles += [Trouble(no_length=True)]
        known = msgspec.structs.replace(wanted, sha256=SHA256)
        assert fetching(client, known).sha256 == SHA256
        hub.troubles += [Trouble(no_length=True, break_after=1_000)]
        with pytest.raises(ReparteeError, match="not the file that was expected"):
            fetching(client, known)


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
