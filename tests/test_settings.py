"""Settings: where they come from, how their values are written, what is said of a wrong one."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError

from repartee.conversation.rules import Rules
from repartee.errors import SettingsError
from repartee.settings import SECTIONS, Section, Settings
from repartee.settings.reading import Given, sentence_about
from repartee.settings.table import example, markdown

ROOT = Path(__file__).parent.parent


def load(**env: str) -> Settings:
    return Settings.load(env=env, dotenv=None)


def sentence(**env: str) -> str:
    with pytest.raises(SettingsError) as wrong:
        load(**env)
    return str(wrong.value)


class TestSources:
    def test_nothing_has_to_be_set(self) -> None:
        assert load() == Settings()
        assert (load().host, load().port) == ("127.0.0.1", 8000)

    def test_the_command_line_beats_the_environment_which_beats_the_file(
        self, tmp_path: Path
    ) -> None:
        dotenv = tmp_path / ".env"
        dotenv.write_text("PORT=1001\nHOST=10.0.0.1\nLANGUAGE=de\nMAX_CALLS=7\n")
        settings = Settings.load(
            {"PORT": "1002", "HOST": "10.0.0.2"}, dotenv, {"port": 1003, "max_calls": None}
        )
        assert (settings.port, settings.host, settings.max_calls) == (1003, "10.0.0.2", 7)

    def test_an_empty_value_is_no_value(self) -> None:
        assert load(PORT="", CORS_ORIGINS="  ", LLM_MODEL="") == Settings()

    def test_names_that_are_unknown_are_left_alone(self) -> None:
        assert load(SOMEBODY_ELSES_PORT="what?", PATH="/bin", port="nine") == Settings()

    def test_the_desktop_language_is_not_ours(self) -> None:
        assert load(LANGUAGE="de_DE:de").default_language == "en"

    def test_a_flag_that_does_not_exist_is_a_mistake_of_the_program(self) -> None:
        with pytest.raises(TypeError, match="prot"):
            Settings.load({}, None, {"prot": 1})

    @pytest.mark.parametrize(
        ("alias", "field", "value"),
        [
            ("LLM_MODEL_NAME", "llm_model", "HuggingFaceTB/SmolLM2-135M-Instruct"),
            ("BACKEND_LOG_LEVEL", "log_level", "DEBUG"),
        ],
    )
    def test_other_names_are_understood(self, alias: str, field: str, value: str) -> None:
        assert getattr(load(**{alias: value}), field) == value

    def test_the_own_name_beats_the_other_one_within_a_source(self) -> None:
        assert load(LLM_MODEL_NAME="a", LLM_MODEL="b").llm_model == "b"

    def test_a_source_beats_a_later_one_under_any_name(self, tmp_path: Path) -> None:
        dotenv = tmp_path / ".env"
        dotenv.write_text("LLM_MODEL=file")
        assert Settings.load({"LLM_MODEL_NAME": "env"}, dotenv).llm_model == "env"

    def test_they_can_not_be_changed(self) -> None:
        with pytest.raises(ValidationError):
            load().port = 9


class TestDotenv:
    def test_comments_quotes_and_a_byte_order_mark_are_understood(self, tmp_path: Path) -> None:
        dotenv = tmp_path / ".env"
        dotenv.write_bytes(
            b"\xef\xbb\xbfPORT=9000 # ours\r\nexport DEBUG=true\r\nINSTRUCTIONS='Be ${HOME}.'\r\n"
        )
        settings = Settings.load({}, dotenv)
        assert (settings.port, settings.debug) == (9000, True)
        assert settings.instructions == "Be ${HOME}."

    def test_no_file_is_fine(self, tmp_path: Path) -> None:
        assert Settings.load({}, tmp_path / ".env") == Settings()
        assert Settings.load({}, tmp_path) == Settings()

    def test_a_file_that_is_no_text_is_named(self, tmp_path: Path) -> None:
        dotenv = tmp_path / ".env"
        dotenv.write_bytes(b"PORT=\xff\xfe")
        with pytest.raises(SettingsError, match=r"^The file \.env can't be read"):
            Settings.load({}, dotenv)

    def test_a_file_written_for_a_server_of_this_kind_works(self, tmp_path: Path) -> None:
        dotenv = tmp_path / ".env"
        dotenv.write_text(
            "HOST=0.0.0.0\nPORT=8000\nDEBUG=true\n"
            "LLM_MODEL_NAME=HuggingFaceTB/SmolLM2-135M-Instruct\n"
            "TTS_MODEL_NAME=tts_models/en/ljspeech/glow-tts\nTTS_SAMPLE_RATE=22050\n"
            "DEFAULT_VOLUME=0.8\nENABLE_AUDIO=true\nCHUNK_SIZE=1024\nMAX_QUEUE_SIZE=10\n"
            "AUTO_SCROLL=true\nSAVE_CHAT_HISTORY=true\nMAX_CHAT_HISTORY=100\n"
            "MAX_NEW_TOKENS=512\nTEMPERATURE=0.7\nTOP_P=0.9\nDO_SAMPLE=true\n"
            "DEEPGRAM_API_KEY=xxx\nSST_REQUEST_TIMEOUT=600.0  # 10 minutes\n"
        )
        settings = Settings.load({}, dotenv)
        assert (settings.tts_sample_rate, settings.max_new_tokens) == (22_050, 512)
        assert (settings.chunk_size, settings.top_p) == (1024, 0.9)


class TestValues:
    @pytest.mark.parametrize("written", ["true", "1", "yes", "True", "on"])
    def test_yes(self, written: str) -> None:
        assert load(DEBUG=written).debug is True

    @pytest.mark.parametrize("written", ["false", "0", "no", "FALSE", "off"])
    def test_no(self, written: str) -> None:
        assert load(AUTO_SCROLL=written).auto_scroll is False

    @pytest.mark.parametrize(
        "written", ["https://a.example,http://b:3000/", '["https://a.example", "http://b:3000"]']
    )
    def test_lists_are_separated_by_commas_or_written_as_json(self, written: str) -> None:
        assert load(CORS_ORIGINS=written).cors_origins == ("https://a.example", "http://b:3000")

    def test_choices_may_be_written_in_any_case(self) -> None:
        settings = load(LOG_LEVEL="warning", LOG_FORMAT="JSON", STT="Scripted", SPECULATION="Off")
        assert (settings.log_level, settings.log_format) == ("WARNING", "json")
        assert (settings.stt, settings.speculation) == ("scripted", "off")

    def test_who_the_voice_is_agrees_with_the_conversation(self) -> None:
        assert load().instructions == Rules().instructions


class TestWrongOnes:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("PORT", "eighty", "PORT is 'eighty', but must be a whole number from 1 to 65535."),
            ("PORT", "0", "PORT is '0', but must be a whole number from 1 to 65535."),
            (
                "TTS_DEFAULT_SPEED",
                "nan",
                "TTS_DEFAULT_SPEED is 'nan', but must be a number above 0 and at most 2.",
            ),
            ("DEBUG", "maybe", "DEBUG is 'maybe', but must be true or false."),
            ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml', but must be text or json."),
            (
                "BACKEND_LOG_LEVEL",
                "loud",
                "BACKEND_LOG_LEVEL is 'loud', but must be DEBUG, INFO, WARNING, ERROR or CRITICAL.",
            ),
            (
                "CORS_ORIGINS",
                "example.org",
                "CORS_ORIGINS is 'example.org', but must be web origins such as "
                "https://example.org, separated by commas, or *.",
            ),
            ("VAD", "my engine", "VAD is 'my engine', but must be the name of an engine."),
            (
                "STT",
                "my engine",
                "STT is 'my engine', but must be the name of an engine, or of several that stand "
                "in for one another, as in a,b,c.",
            ),
        ],
    )
    def test_the_setting_its_value_and_what_is_allowed(
        self, name: str, value: str, said: str
    ) -> None:
        assert sentence(**{name: value}) == said

    def test_several_engines_in_their_order(self) -> None:
        assert load(LLM=" Gemini, llamacpp").llm == "gemini,llamacpp"

    @pytest.mark.parametrize("written", ["a,", ",a", "a,,b", "a,b,a", "a;b", "a b,c"])
    def test_no_chain_of_engines(self, written: str) -> None:
        assert sentence(TTS=written).startswith(f"TTS is '{written}', but must be the name of an")

    @pytest.mark.parametrize("written", ["[", "[1]", "[[]]", "{}", "javascript:1", "https://a/b"])
    def test_no_origin(self, written: str) -> None:
        assert "CORS_ORIGINS" in sentence(CORS_ORIGINS=written)

    def test_several_are_counted(self) -> None:
        both = sentence(PORT="x", TOP_P="x")
        assert both.endswith(", and 1 more setting is wrong.")
        assert sentence(PORT="x", TOP_P="x", DEBUG="x").endswith(", and 2 more settings are wrong.")

    def test_a_long_value_is_cut_and_a_line_break_can_not_break_the_line(self) -> None:
        assert len(sentence(MAX_CALLS="9" * 10_000)) < 200
        assert "\n" not in sentence(PORT="1\n2")

    def test_a_secret_is_never_shown(self) -> None:
        class Keys(Section):
            api_key: SecretStr = Field(default=SecretStr("none"), max_length=4)

        given = {"api_key": Given("API_KEY", "hunter22")}
        with pytest.raises(ValidationError) as wrong:
            Keys.model_validate({"api_key": "hunter22"})
        said = sentence_about(wrong.value, Keys.model_fields, given)
        assert said == "API_KEY is not usable, but must be text of at most 4 characters."

    def test_nobody_is_asked_to_wait_by_an_engine_that_is_well(self) -> None:
        assert (
            sentence(HOLD_AFTER_MS="499") == "HOLD_AFTER_MS is 499, but must be 0 or at least 500."
        )
        assert (load(HOLD_AFTER_MS="0").hold_after_ms, load().hold_after_ms) == (0, 1_700)

    def test_a_longer_pause_can_not_mean_less(self) -> None:
        assert sentence(ENDPOINT_MIN_MS="700") == (
            "ENDPOINT_MIN_MS is 700, but must be at most ENDPOINT_DEFAULT_MS, which is 500."
        )
        assert "PAUSE_MS is 300" in sentence(PAUSE_MS="300")


class TestDocumentation:
    def test_the_page_is_the_one_that_the_settings_print(self) -> None:
        assert (ROOT / "docs/settings.md").read_text() == markdown()

    def test_the_example_is_the_one_that_the_settings_print(self) -> None:
        assert (ROOT / ".env.example").read_text() == example()

    def test_the_example_holds_the_defaults(self, tmp_path: Path) -> None:
        lines = example().splitlines()
        written = [line[1:] for line in lines if line.startswith("#") and line[1:2].isupper()]
        dotenv = tmp_path / ".env"
        dotenv.write_text("\n".join(written))
        assert len(written) == len(Settings.model_fields)
        assert Settings.load({}, dotenv) == Settings()

    def test_every_setting_stands_in_one_section_and_is_described(self) -> None:
        names = [name for section in SECTIONS.values() for name in section.model_fields]
        assert sorted(names) == sorted(Settings.model_fields)
        assert all(field.description for field in Settings.model_fields.values())
