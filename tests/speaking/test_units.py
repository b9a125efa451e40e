"""What a streamed reply is cut into."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.speaking.shelter import FENCE_LIMIT
from repartee.speaking.units import UnitCutter, UnitRules


def units(text: str, rules: UnitRules | None = None) -> list[str]:
    cutter = UnitCutter(rules)
    return cutter.feed(text) + cutter.finish()


def words(count: int) -> str:
    return " ".join(f"word{number}" for number in range(count))


FIRST = [
    # A sentence, however short, is enough to begin with.
    ("Sure. I can help.", "Sure."),
    ("Yes! That works.", "Yes!"),
    ("Really? I had no idea.", "Really?"),
    ("What?! No way.", "What?!"),
    ("Sure.\nand more", "Sure."),
    ("Hello\nthere", "Hello"),
    ("**Sure.** I can help.", "**Sure.**"),
    ("(Sure.) I can help.", "(Sure.)"),
    ('"Yes." She nodded.', '"Yes."'),
    ("“Yes.” She nodded.", "“Yes.”"),
    ("No. I don't think so.", "No."),
    ("Hello . There", "Hello ."),
    # From three words on, a comma, a colon or a dash will do.
    ("Well, I think so, yes, and more", "Well, I think so,"),
    ("Well, yes, of course, and more", "Well, yes, of course,"),
    ("Here are three things: one, two", "Here are three things:"),
    ("I would say so; but not now", "I would say so;"),
    ("I would say so — but not now", "I would say so —"),
    ("I would say so – but not now", "I would say so –"),
    ("I would say so - but not now", "I would say so -"),
    ("I would say so -- but not now", "I would say so --"),
    ("I would say so—but not now", "I would say so—"),
    ("Let me think about... that one", "Let me think about..."),
    ("Let me think about… that one", "Let me think about…"),
    ('She said "not now," and left', 'She said "not now,"'),
    ("Oh, no, that is bad.", "Oh, no, that is bad."),
    # Twelve words are enough even without punctuation.
    (words(14), words(6)),
    # Other scripts.
    ("你好。我是语音助手。", "你好。"),
    ("真的吗？我不知道。", "真的吗？"),
    ("太好了！我们走吧。", "太好了！"),
    ("「はい。」と言った。", "「はい。」"),
    ("我觉得这个很好，但是太贵", "我觉得这个很好，"),
    ("नमस्ते।आप कैसे हैं", "नमस्ते।"),
    ("नमस्ते। आप कैसे हैं", "नमस्ते।"),
    ("مرحبا؟ كيف حالك", "مرحبا؟"),
    ("Привет. Как дела?", "Привет."),
    # What has nothing to say doesn't count as the first unit.
    ("---\nSure. More", "---"),
]


@pytest.mark.parametrize(("text", "first"), FIRST)
def test_the_first_unit(text: str, first: str) -> None:
    assert units(text)[0] == first


def test_a_rule_or_a_code_block_leaves_the_next_unit_the_first() -> None:
    assert units("---\nSure. More of it.") == ["---", "\nSure.", " More of it."]
    assert units("```\nx = 1\n```\nSure. More.") == ["```\nx = 1\n```", "\nSure.", " More."]


def test_the_first_unit_leaves_as_soon_as_its_end_is_known() -> None:
    cutter = UnitCutter()
    assert cutter.feed("Sure.") == []
    assert cutter.feed(" ") == ["Sure."]
    assert cutter.feed("No.") == []
    assert cutter.finish() == [" No."]


LEAD = "Sure."  # after it, the rules for later units hold
NO_SENTENCE_END = [
    "You should ask Dr. Smith about the thing tomorrow morning.",
    "You should really go and ask Mr. Jones or Mrs. Jones about it.",
    "There are many kinds of fruit to eat, e.g. apples and pears.",
    "It is the very first one that we saw, i.e. the red one.",
    "We bought some apples and pears and plums etc. and went home.",
    "She has been living all alone in the U.S. for ten years.",
    "He works for the government in Washington D.C. as a clerk.",
    "The train to the airport leaves at exactly 7 a.m. every day.",
    "The train to the airport leaves at exactly 7 p.m. sharp.",
    "The value of the number pi is very nearly 3.14 in all.",
    "The train to the airport leaves at about 7:30 every single day.",
    "You can read all about the thing at https://example.com/a.b?c=1 or elsewhere.",
    "You can write about the thing to bob.smith@mail.example.com or phone.",
    "You can read all about it on www.example.com or on paper.",
    "I was thinking all about it for a while... and then stopped.",
    "I was thinking all about it for a while… and then stopped.",
    "The book that I like was written by J. R. R. Tolkien long ago.",
    "The very famous old book was written by George R. Martin himself.",
    'After a while the woman said "Stop it." and walked away quickly.',
    "After a while the woman asked 'Really?' and walked away quickly.",
    "After a while (it was late, you see.) we went home.",
    "That was the answer to the question (who knew?) in the end.",
    "He was given a Ph.D. in physics by the old university there.",
    "The shop that we used to like is Jones Inc. on Main St. there.",
    "My favourite perfume in the whole world is always No. 5 by Chanel.",
    "The rule is explained very well in the book, see Fig. 3 there.",
    "It cost them about 1,000.50 dollars and they paid it all gladly.",
    "Version 2.0.1 of the program is a great deal faster than before.",
    "Open the file main.py with an editor and look at it closely.",
    "Das Haus hat viele schöne Zimmer, z.B. ein Bad und eine Küche.",
    "Das alles war im 2. großen Krieg und danach noch viele Jahre.",
    "It is the battle of the giants, Rome vs. Carthage, once more.",
]


@pytest.mark.parametrize("sentence", NO_SENTENCE_END)
def test_what_looks_like_an_end_and_is_none(sentence: str) -> None:
    assert units(f"{LEAD} {sentence} Next one.")[1] == f" {sentence}"


ENDS = [
    ("One two three four five six seven eight.", " Nine"),
    ("One two three four five six seven eight!", " Nine"),
    ("One two three four five six seven eight?", " Nine"),
    ("One two. Three four. Five six. Seven eight.", " Nine"),
    ("She said it aloud: “We really must go.”", " Then"),
    ("We all went home (it was late by then.)", " Then"),
    ("It was all a very long time ago, in 1984.", " Then"),
    ("The train to the city leaves at 7 a.m.", " Be there"),
    ("We bought apples and pears and plums, etc.", " Then we"),
    ("You can read all of it on example.com.", " Then"),
    ("He is the one who is taller than I.", " Then"),
    ("I would rather say that it is no.", " That is"),
    ("**One two three four five six seven eight.**", " Nine"),
    ("A line of a list", "\nand another"),
    ("A heading", "\n\nand text"),
    ("今天天气非常好，我们一起去公园散步吧。", "明天"),
]


@pytest.mark.parametrize(("unit", "rest"), ENDS)
def test_where_a_later_unit_ends(unit: str, rest: str) -> None:
    assert units(f"{LEAD} {unit}{rest}") == [LEAD, f" {unit}", rest]


def test_a_comma_does_not_end_a_later_unit_that_is_short() -> None:
    text = " one two three four five six seven eight, nine ten eleven twelve."
    assert units(LEAD + text) == [LEAD, text]


def test_a_long_sentence_is_cut_at_its_last_comma() -> None:
    head = " " + words(10) + ", " + words(8) + ","
    assert units(f"{LEAD}{head} {words(20)}.")[1] == head


def test_a_long_sentence_waits_for_a_comma_that_is_still_to_come() -> None:
    head = " " + " ".join("abcd" for _ in range(30)) + ","
    assert units(f"{LEAD}{head} and more to say.")[1] == head


def test_a_long_unit_falls_back_on_the_end_of_a_short_sentence() -> None:
    assert units(f"{LEAD} I see. {words(30)}.")[1] == " I see."


def test_nothing_to_cut_at_means_a_cut_between_words_at_the_limit() -> None:
    for unit in units("a" + " bcdefghij" * 100)[1:]:
        assert 0 < len(unit) <= 200
        assert unit.strip().split() == ["bcdefghij"] * len(unit.split())


def test_chinese_without_punctuation_is_cut_at_the_limit() -> None:
    assert [len(unit) for unit in units("好" * 500)] == [200, 200, 100]


def test_a_word_without_end_is_given_up() -> None:
    assert max(map(len, units("x" * 10_000))) <= FENCE_LIMIT + 1


@pytest.mark.parametrize("marker", ["1.", "12.", "a.", "**1.**", "- 1."])
def test_the_marker_of_a_list_stays_with_its_item(marker: str) -> None:
    assert units(f"{marker} First of all\n{marker} Second\n")[:2] == [
        f"{marker} First of all",
        f"\n{marker} Second",
    ]


def test_every_line_is_a_unit() -> None:
    assert units("Buy these:\n- milk\n- eggs\n\nThat is all.") == [
        "Buy these:",
        "\n- milk",
        "\n- eggs",
        "\n\nThat is all.",
    ]


ATOMS = [
    "```\na. b, c! d\n\ne. f\n```",
    "```python\nif a: b\n# c. d\n```",
    "````\n```\na. b\n```\nc. d\n````",
    "`a. b, c: d`",
    "``a. `b` c. d``",
    "[one, two. three](http://example.com/a b. c)",
    "[one, two. three][four. five]",
    "![one, two. three](http://example.com)",
    "[a [b. c] d, e](f)",
]


@pytest.mark.parametrize("atom", ATOMS)
def test_code_and_links_are_never_cut(atom: str) -> None:
    for text in (f"Look at {atom} now. More to come.", f"{atom}\nMore. And more.", atom):
        assert any(atom in unit for unit in units(text))
    assert any(atom in unit for unit in units(f"{LEAD} {words(24)} {atom} {words(24)}"))


def test_a_fence_that_never_closes_is_given_up() -> None:
    cut = units("```\n" + "x = 1. y\n" * 1000)
    assert FENCE_LIMIT <= len(cut[0]) <= FENCE_LIMIT + 20
    assert max(map(len, cut)) <= FENCE_LIMIT + 20


def test_the_end_of_a_fence_that_was_given_up_opens_no_other() -> None:
    cut = units("```\n" + "x = 1\n" * 400 + "```\nSo much for that. Now we go on to the next.")
    assert cut[-1] == "\nSo much for that. Now we go on to the next."
    assert cut[-2] == "\n```"


def test_a_stray_backtick_or_bracket_holds_up_one_line_at_most() -> None:
    assert units("A ` stray. One more\nline. Two")[:2] == ["A ` stray. One more", "\nline. Two"]
    assert units("A [ stray. One more\nline. Two")[:2] == ["A [ stray. One more", "\nline. Two"]


def test_rules_can_be_set() -> None:
    rules = UnitRules(first_min_words=1, min_words=1)
    assert units("Well, yes. No. Maybe.", rules) == ["Well,", " yes.", " No.", " Maybe."]


def test_after_the_end_the_cutter_begins_anew() -> None:
    cutter = UnitCutter()
    for _ in range(2):
        assert cutter.feed("  Well. I ") == ["Well."]
        assert cutter.finish() == [" I"]


@pytest.mark.parametrize("blank", ["", " ", "\n\n", "\t \n"])
def test_nothing_in_nothing_out(blank: str) -> None:
    assert units(blank) == []


SCRAPS = [
    "Dr.", "e.g.", "a.m.", "etc.", "No.", "3.14", "7:30", "1.", "word", "Word", "a", "I", ".", ",",
    "!", "?", ":", "—", "-", "…", "...", " ", " ", " ", "\n", "`", "```", "[", "]", "(", ")", "](",
    "**", '"', "”", "。", "，", "你好", "」", "।", "é", "😀", "x" * 60, "http://a.b/c", "word " * 9,
    "\u00a0", "\r\n", "\u2028",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(SCRAPS), max_size=60).map("".join), st.text(max_size=80))


@settings(deadline=None, max_examples=300, derandomize=True)
@given(TEXTS)
def test_units_put_together_are_the_text(text: str) -> None:
    cut = units(text)
    assert "".join(cut) == text.strip()
    assert all(unit.strip() for unit in cut)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(TEXTS, st.data())
def test_how_the_text_arrives_makes_no_difference(text: str, data: st.DataObject) -> None:
    whole = units(text)
    by_character = UnitCutter()
    assert [u for char in text for u in by_character.feed(char)] + by_character.finish() == whole

    in_pieces, cut, at = UnitCutter(), [], 0
    while at < len(text):
        size = data.draw(st.integers(1, 12))
        cut += in_pieces.feed(text[at : at + size])
        at += size
    assert cut + in_pieces.finish() == whole


@pytest.mark.parametrize(
    "piece", ["*", "`", "[", "a ", "a", "`a", "[a](", "a. ", "。", "```a\n", "\n", "Dr. ", "😀"]
)
def test_hostile_input_is_cut_in_linear_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    assert "".join(units(text)) == text.strip()
