"""Models come from a hub on this machine."""

import hashlib
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from repartee.errors import ReparteeError
from repartee.models import pull as pulling
from repartee.models.model import File, Model
from repartee.models.pull import Puller
from repartee.models.sources import Sources
from repartee.models.storeroom import Record, Storeroom
from tests.models.hub import Hub, Trouble

PLACE = "https://models.example/tiny"
PARTS = {"model.bin": b"weights" * 1000, "config.json": b"{}"}


class Notes:
    """What was shown."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.unverified: list[str] = []

    def begins(self, model: Model) -> None:
        self.all.append(f"begins {model.name}")

    def is_here_already(self, model: Model, place: Path) -> None:
        self.all.append(f"had {model.name}")

    def fetches(self, file: str, have: int, total: int | None) -> None:
        if have == total:
            self.all.append(file)

    def is_unverified(self, file: str, sha256: str) -> None:
        self.unverified.append(file)

    def ends(self, model: Model, place: Path) -> None:
        self.all.append(f"ends {model.name}")


def model(*files: File, name: str = "piper/tiny", **more: Any) -> Model:
    ours = files or tuple(File(f"{PLACE}/{part}", part) for part in PARTS)
    return Model(name, "MIT", PLACE, ours, **more)


@pytest.fixture
def room(tmp_path: Path) -> Storeroom:
    return Storeroom(tmp_path / "models")


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def puller(hub: Hub, room: Storeroom, notes: Notes) -> Puller:
    for name, content in PARTS.items():
        hub.files[f"/models.example/tiny/{name}"] = content
    return Puller(room, Sources(mirror=hub.url), notes, pause=lambda seconds: None)


def all_files(room: Storeroom) -> set[str]:
    return {str(one.relative_to(room.folder)) for one in room.folder.rglob("*") if one.is_file()}


class TestComing:
    def test_all_its_files_are_in_its_folder(self, puller: Puller, room: Storeroom) -> None:
        puller.pull(model())
        assert all_files(room) == {
            "piper/tiny/model.bin",
            "piper/tiny/config.json",
            "checksums.json",
            ".lock",
        }
        assert room.found(model()) == room.folder / "piper" / "tiny"

    def test_it_is_shown(self, puller: Puller, notes: Notes) -> None:
        puller.pull(model())
        puller.pull(model())
        assert notes.all == [
            "begins piper/tiny",
            "model.bin",
            "config.json",
            "ends piper/tiny",
            "had piper/tiny",
        ]

    def test_what_is_here_is_not_asked_for(self, puller: Puller, hub: Hub) -> None:
        puller.pull(model())
        hub.asked.clear()
        puller.pull(model())
        assert hub.asked == []

    def test_it_is_not_in_its_place_before_it_is_whole(
        self, puller: Puller, hub: Hub, room: Storeroom
    ) -> None:
        del hub.files["/models.example/tiny/config.json"]
        with pytest.raises(ReparteeError, match=r"has no file config\.json"):
            puller.pull(model())
        assert room.found(model()) is None
        assert not room.place(model()).exists()

    def test_what_came_before_it_broke_off_is_not_fetched_again(
        self, puller: Puller, hub: Hub, room: Storeroom
    ) -> None:
        hub.troubles += [Trouble(), *[Trouble(status=503)] * 5]
        with pytest.raises(ReparteeError):
            puller.pull(model())
        hub.troubles.clear()
        hub.asked.clear()
        puller.pull(model())
        assert [one.path for one in hub.asked] == ["/models.example/tiny/config.json"]
        assert room.found(model()) is not None

    def test_a_file_that_is_only_welcome_may_be_missing(
        self, puller: Puller, room: Storeroom
    ) -> None:
        card = File(f"{PLACE}/CARD", "CARD", needed=False)
        puller.pull(model(*model().files, card))
        assert room.found(model(*model().files, card)) is not None

    def test_what_somebody_began_to_lay_down_is_completed(
        self, puller: Puller, room: Storeroom
    ) -> None:
        room.place(model()).mkdir(parents=True)
        (room.place(model()) / "notes.txt").write_text("mine")
        puller.pull(model())
        assert room.found(model()) is not None
        assert (room.place(model()) / "notes.txt").read_text() == "mine"

    def test_what_it_can_not_do_without_comes_too(
        self, puller: Puller, room: Storeroom, notes: Notes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = model(name="piper/other")
        monkeypatch.setattr(pulling, "find", {"piper/other": other}.get)
        puller.pull(model(beside=("piper/other",)))
        assert room.found(other) is not None
        assert notes.all[-1] == "ends piper/other"


class TestTrust:
    def test_the_first_checksum_is_remembered(self, puller: Puller, room: Storeroom) -> None:
        puller.pull(model())
        assert room.records() == {
            f"piper/tiny/{name}": Record(hashlib.sha256(content).hexdigest(), verified=False)
            for name, content in PARTS.items()
        }

    def test_a_first_download_that_nobody_vouches_for_is_said(
        self, puller: Puller, room: Storeroom, notes: Notes
    ) -> None:
        puller.pull(model())
        assert notes.unverified == ["model.bin", "config.json"]
        room.remove(model())
        puller.pull(model())
        assert len(notes.unverified) == 2, "What is as it was before is not said again."

    def test_what_its_maker_or_its_source_vouches_for_is_noted(
        self, puller: Puller, hub: Hub, room: Storeroom, notes: Notes
    ) -> None:
        weights, config = (hashlib.sha256(content).hexdigest() for content in PARTS.values())
        hub.announce["/models.example/tiny/config.json"] = config
        hub.files["/stored/models.example/tiny/config.json"] = PARTS["config.json"]
        strict = File(f"{PLACE}/model.bin", "model.bin", weights)
        puller.pull(model(strict, File(f"{PLACE}/config.json", "config.json")))
        assert notes.unverified == []
        assert all(record.verified for record in room.records().values())

    def test_and_another_file_is_not_taken_later(
        self, puller: Puller, hub: Hub, room: Storeroom
    ) -> None:
        puller.pull(model())
        room.remove(model())
        hub.files["/models.example/tiny/model.bin"] = b"somebody else's"
        with pytest.raises(ReparteeError, match="not the file that was expected") as told:
            puller.pull(model())
        assert "--trust-anew" in told.value.hint
        assert room.found(model()) is None

    def test_unless_somebody_says_so(
        self, puller: Puller, hub: Hub, room: Storeroom, notes: Notes
    ) -> None:
        puller.pull(model())
        room.remove(model())
        hub.files["/models.example/tiny/model.bin"] = b"newer"
        Puller(room, puller.sources, notes, trust_anew=True).pull(model())
        assert (room.place(model()) / "model.bin").read_bytes() == b"newer"

    def test_a_published_checksum_can_not_be_overruled(
        self, room: Storeroom, notes: Notes, puller: Puller
    ) -> None:
        strict = model(File(f"{PLACE}/model.bin", "model.bin", "0" * 64))
        with pytest.raises(ReparteeError, match="not the file that was expected") as told:
            Puller(room, puller.sources, notes, trust_anew=True).pull(strict)
        assert "--trust-anew" not in told.value.hint

    def test_a_record_that_can_not_be_read_stops_it(self, puller: Puller, room: Storeroom) -> None:
        room.folder.mkdir()
        (room.folder / "checksums.json").write_text("[")
        with pytest.raises(ReparteeError, match=r"checksums\.json among the models can't be read"):
            puller.pull(model())


class TestNotComing:
    def test_offline_it_says_what_to_lay_down(self, room: Storeroom, notes: Notes) -> None:
        with pytest.raises(ReparteeError, match="MODELS_OFFLINE forbids") as told:
            Puller(room, Sources(offline=True), notes).pull(model())
        assert "piper/tiny" in told.value.hint
        assert "model.bin, config.json" in told.value.hint

    def test_offline_what_is_here_is_fine(
        self, puller: Puller, room: Storeroom, notes: Notes
    ) -> None:
        puller.pull(model())
        Puller(room, Sources(offline=True), notes).pull(model())
        assert notes.all[-1] == "had piper/tiny"

    def test_too_little_room_for_all_of_it_is_said_first(
        self, puller: Puller, hub: Hub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage: Any = shutil.disk_usage("/")._replace(free=10_000_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
        with pytest.raises(ReparteeError, match=r"15,000 MB are to come, 10,000 MB are free"):
            puller.pull(model(megabytes=15_000))
        assert hub.asked == []

    def test_two_at_the_same_time_would_spoil_it(self, puller: Puller, room: Storeroom) -> None:
        with room.alone(), pytest.raises(ReparteeError, match="being fetched into this folder"):
            puller.pull(model())

    def test_a_folder_that_can_not_be_made(
        self, puller: Puller, notes: Notes, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        blocked = Puller(Storeroom(tmp_path / "file" / "models"), puller.sources, notes)
        with pytest.raises(ReparteeError, match="can't be written to their folder"):
            blocked.pull(model())


class TestArchives:
    @staticmethod
    def archived(**members: bytes) -> bytes:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return written.getvalue()

    @pytest.fixture
    def packed(self) -> Model:
        return model(
            File(
                f"{PLACE}/all.zip",
                "all.zip",
                unpack=(("*config.json", "config.json"), ("*.pth", "model.pth")),
                unpack_if_there=(("*stats.npy", "stats.npy"),),
            )
        )

    def test_what_is_wanted_is_taken_out_and_nothing_else(
        self, puller: Puller, hub: Hub, room: Storeroom, packed: Model
    ) -> None:
        hub.files["/models.example/tiny/all.zip"] = self.archived(
            **{"tiny/config.json": b"{}", "../../best.pth": b"weights", "tiny/readme": b"no"}
        )
        puller.pull(packed)
        found = {file.name: file.read_bytes() for file in room.place(packed).iterdir()}
        assert found == {"config.json": b"{}", "model.pth": b"weights"}
        assert room.found(packed) is not None

    def test_what_may_be_in_it_is_taken_too(
        self, puller: Puller, hub: Hub, room: Storeroom, packed: Model
    ) -> None:
        hub.files["/models.example/tiny/all.zip"] = self.archived(
            **{"config.json": b"{}", "a.pth": b"weights", "stats.npy": b"numbers"}
        )
        puller.pull(packed)
        assert (room.place(packed) / "stats.npy").read_bytes() == b"numbers"

    @pytest.mark.parametrize("content", [b"no archive", archived(**{"config.json": b"{}"})])
    def test_one_that_does_not_hold_it_is_thrown_away(
        self, puller: Puller, hub: Hub, room: Storeroom, packed: Model, content: bytes
    ) -> None:
        hub.files["/models.example/tiny/all.zip"] = content
        with pytest.raises(ReparteeError, match=r"all\.zip can't be unpacked"):
            puller.pull(packed)
        assert room.found(packed) is None
        assert not (room.partial(packed) / "all.zip").exists()
