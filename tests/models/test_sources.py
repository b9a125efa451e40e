from repartee.models.sources import Sources

ON_HUB = "https://huggingface.co/maker/model/resolve/main/model.bin"
ELSEWHERE = "https://example.org/model.bin"


def test_makers_are_asked_by_themselves() -> None:
    assert Sources().address(ON_HUB) == ON_HUB


def test_a_mirror_is_asked_for_everything_by_its_host() -> None:
    mirror = Sources(mirror="http://copies.lan:8000/models/")
    assert mirror.address(ELSEWHERE) == "http://copies.lan:8000/models/example.org/model.bin"
    assert mirror.address(ON_HUB).startswith("http://copies.lan:8000/models/huggingface.co/maker/")


def test_another_hub_is_asked_for_what_is_on_the_hub() -> None:
    sources = Sources(hub="https://hub.lan/")
    assert sources.address(ON_HUB) == "https://hub.lan/maker/model/resolve/main/model.bin"
    assert sources.address(ELSEWHERE) == ELSEWHERE


def test_the_token_is_shown_to_the_hub_alone() -> None:
    sources = Sources(token="sesame")
    assert sources.headers(ON_HUB) == {"Authorization": "Bearer sesame"}
    assert sources.headers(ELSEWHERE) == {}
    assert sources.headers("https://huggingface.co.evil.org/x") == {}
    assert Sources(mirror="http://copies.lan", token="sesame").headers(ON_HUB) == {}
