"""What a model writes, and what an engine is given to say."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.speaking.sanitize import sanitize

MARKDOWN = [
    ("**bold** and *italic*", "bold and italic"),
    ("__bold__ and _italic_", "bold and italic"),
    ("***Very* important**", "Very important"),
    ("~~gone~~ but said", "gone but said"),
    ("half **bold", "half bold"),
    ("snake_case_name and __init__", "snake case name and init"),
    (r"\*not italic\*", "not italic"),
    ("# Title", "Title"),
    ("### Title ###", "Title"),
    ("#Title", "Title"),
    ("# Title\n\nText here.", "Title. Text here."),
    ("- milk\n- eggs\n- bread", "milk, eggs, bread"),
    ("* one\n* two", "one, two"),
    ("+ one\n+ two", "one, two"),
    ("• one\n• two", "one, two"),
    ("- One.\n- Two.", "One. Two."),
    ("Buy:\n- milk\n- eggs", "Buy: milk, eggs"),
    ("  - nested\n    - deeper", "nested, deeper"),
    ("- [x] done\n- [ ] open", "done, open"),
    ("1. First\n2. Second", "First, Second"),
    ("1) First\n2) Second", "First, Second"),
    ("**1. Setup**: do it", "Setup: do it"),
    ("\n1. First", "First"),
    (" 5. Then we left.", "5, Then we left."),  # goes on in the middle of a line
    ("[label](http://x.y)", "label"),
    ("[label](http://x.y/a_(b)) end", "label end"),
    ("[a [nested] b](http://u)", "a nested b"),
    ("[label][ref]", "label"),
    ("[ref]: http://x.y\nText", "Text"),
    ("![a cat](cat.png)", "a cat"),
    ("[![badge](img)](http://u) hi", "badge hi"),
    ("So it is [1], and [2, 3] too[^4].", "So it is, and too."),
    ("| Name | Age |\n|------|----:|\n| Bob | 5 |", "Name, Age. Bob, 5"),
    ("|---|---|", ""),
    ("a | b", "a, b"),
    ("> quoted\n> more", "quoted more"),
    ("---\nText", "Text"),
    ("Title\n=====\nText", "Title. Text"),
    ("one line\nand the next", "one line and the next"),
    ("One paragraph\n\nAnd the next", "One paragraph. And the next"),
    ("Use `print()` now.", "Use now."),
    ("Say ``a `b` c`` now", "Say now"),
    ("A stray ` tick", "A stray tick"),
    ("Look:\n```python\nprint(1)\n```\nNice.", "Look: Nice."),
    ("````\n```\nx\n```\n````\nafter", "after"),
    ("before\n```\nnever closed", "before"),
    ("```\nx = 1\n```", ""),
    ("<b>bold</b> and <i class='x'>italic</i>", "bold and italic"),
    ("one<br>two<br/>three", "one two three"),
    ("<!-- hidden -->shown", "shown"),
    ("H<sub>2</sub>O", "H 2 O"),
    ("Tom &amp; Jerry&nbsp;&lt;3", "Tom and Jerry"),
    ("<your name>", "your name"),
    ("{a} \\ b", "a b"),
]

ADDRESSES = [
    ("See https://www.example.com/path?q=1.", "See example dot com."),
    ("See https://example.co.uk:8080/a#b!", "See example dot co dot uk!"),
    ("(https://example.com)", "(example dot com)"),
    ("<https://example.com>", "example dot com"),
    ("www.example.org is it", "example dot org is it"),
    ("example.com/docs is nice", "example dot com is nice"),
    ("bob.smith@example.com", "bob dot smith at example dot com"),
    ("a_b+c@example.com.", "a underscore b plus c at example dot com."),
    ("node.js and main.py", "node.js and main.py"),
]

TYPOGRAPHY = [
    ("yes—no", "yes, no"),
    ("yes — no", "yes, no"),
    ("yes -- no", "yes, no"),
    ("yes – no", "yes, no"),
    ("yes - no", "yes, no"),
    ("Well, you see —", "Well, you see,"),
    ("— so there", "so there"),
    ("10–20 people", "10 to 20 people"),
    ("10 – 20 people", "10 to 20 people"),
    ("7:30–8:00", "7:30 to 8:00"),
    ("5%–10%", "5 percent to 10 percent"),
    ("20°C–25°C", "20 degrees Celsius to 25 degrees Celsius"),
    ("Monday–Friday", "Monday to Friday"),
    ("London–Paris", "London-Paris"),
    ("state-of-the-art", "state-of-the-art"),
    ("-5 degrees", "minus 5 degrees"),
    ("−5", "minus 5"),
    ("5 - 3", "5 minus 3"),
    ("Wait… what", "Wait... what"),
    ("Wait.....", "Wait..."),
    ("Wow!!! Really??", "Wow! Really?"),
    ("“Hi,” it’s ‘me’", "\"Hi,\" it's 'me'"),
    ("«Oui»", '"Oui"'),
    ("too   much\t space", "too much space"),
    ("space , before !", "space, before!"),
]

SYMBOLS = [
    ("x²", "x squared"),
    ("x³ and x⁴", "x cubed and x to the power of 4"),
    ("10²³ or 2^10", "10 to the power of 23 or 2 to the power of 10"),
    ("50 m² and 3 km³", "50 square meters and 3 cubic kilometers"),
    ("20°C", "20 degrees Celsius"),
    ("68 °F", "68 degrees Fahrenheit"),
    ("1°C", "1 degree Celsius"),
    ("21 ℃", "21 degrees Celsius"),
    ("a 45° turn", "a 45 degrees turn"),
    ("5%", "5 percent"),
    ("5 %", "5 percent"),
    ("Q&A", "Q and A"),
    ("salt & pepper", "salt and pepper"),
    ("1 + 1 = 2", "1 plus 1 equals 2"),
    ("C++ and C#", "C plus plus and C sharp"),
    ("10 / 2", "10 over 2"),
    ("10 ÷ 2 × 3 ± 1", "10 divided by 2 times 3 plus or minus 1"),
    ("5 * 3 and 2*4", "5 times 3 and 2 times 4"),
    ("2**3", "2 cubed"),
    ("x < 5 and y > 3", "x less than 5 and y greater than 3"),
    ("a <= b", "a less than or equal to b"),
    ("b ≥ c and c != d", "b greater than or equal to c and c not equal to d"),
    ("Settings > General > About", "Settings, General, About"),
    ("A -> B => C → D", "A to B to C to D"),
    ("~50 people, ≈ 60", "about 50 people, about 60"),
    ("#1 in #cooking", "number 1 in hashtag cooking"),
    ("@bob at @ noon", "at bob at at noon"),
    ("he/she and/or it", "he or she and or it"),
    ("TCP/IP", "T C P I P"),
    ("w/ milk, w/o sugar", "with milk, without sugar"),
    ("1/2 cup, 3/4 full", "one half cup, three quarters full"),
    ("½ cup, 1½ cups, ¾", "one half cup, 1 and a half cups, three quarters"),
    ("100 km/h", "100 kilometers per hour"),
    ("open 24/7", "open 24 7"),
    ("√2, ∞ and π", "square root of 2, infinity and pi"),
    ("№ 5, § 12", "number 5, section 12"),
    ("Nice 👍🏽!", "Nice!"),
    ("🇺🇸 and ❤️ and 👨‍👩‍👧", "and and"),
    ("1️⃣ One", "1 One"),
    ("I love you <3 :)", "I love you"),
    ("Acme™ © ® † ‡", "Acme"),
    ("① first", "1 first"),
]  # fmt: skip

MONEY = [
    ("$3.50", "3 dollars and 50 cents"),
    ("$1", "1 dollar"),
    ("$1.01", "1 dollar and 1 cent"),
    ("$5.00", "5 dollars"),
    ("$0.99", "99 cents"),
    ("$1,234.56.", "1,234 dollars and 56 cents."),
    ("$5, please", "5 dollars, please"),
    ("$5 million", "5 million dollars"),
    ("$2.5bn or $5M or $10k", "2.5 billion dollars or 5 million dollars or 10 thousand dollars"),
    ("-$5", "minus 5 dollars"),
    ("$5-$10 or $5–10", "5 to 10 dollars or 5 to 10 dollars"),
    ("$5/month", "5 dollars per month"),
    ("€3.50", "3 euros and 50 cents"),
    ("10€ or 10 €", "10 euros or 10 euros"),
    ("£1 and £0.50", "1 pound and 50 pence"),
    ("¥500", "500 yen"),
    ("₹50", "50 rupees"),
    ("50¢", "50 cents"),
    ("C$5", "5 Canadian dollars"),
    ("$x^2$", "x squared"),
]

LETTERS = [
    ("CO2", "C O 2"),
    ("CO₂", "C O 2"),
    ("H2O", "H 2 O"),
    ("C6H12O6", "C 6 H 12 O 6"),
    ("Fe2O3", "Fe 2 O 3"),
    ("B12 and MP3", "B 12 and M P 3"),
    ("AI", "A I"),
    ("an API, two APIs", "an A P I, two A P I's"),
    ("the LLM's DNA", "the L L M's D N A"),
    ("30 PSI", "30 P S I"),
    ("the USA and the US", "the U S A and the U S"),
    ("AI-powered", "A I-powered"),
    ("HTTP, TV, XML", "H T T P, T V, X M L"),
    ("NASA and UNESCO", "NASA and UNESCO"),
    ("STOP", "STOP"),
    ("HELLO WORLD", "HELLO WORLD"),
    ("DON'T TELL US", "DON'T TELL US"),
    ("HMM, MR SMITH", "HMM, MR SMITH"),
    ("TRY MY GYM", "TRY MY GYM"),
    ("iPhone15, Covid19, 5G, 4K", "iPhone15, Covid19, 5G, 4K"),
    ("COVID19", "COVID 19"),
    ("I am A. B. Smith", "I am A. B. Smith"),
]

LEFT_ALONE = [
    "Hello, how are you today?",
    "It's 7:30 PM; see you at 10:15am.",
    "It is 3.14159, or 1,000,000.",
    "Dr. Smith lives in the U.S., e.g. at No. 5.",
    "5' 10\" tall (about that)",
    "naïve café, señor, Größe, Ærø",
    "Привет, как дела?",
    "你好，世界。今天天气很好！",
    "日本語です。「はい」と言った。",
    "안녕하세요",
    "नमस्ते। आप कैसे हैं?",
    "مرحبا، كيف حالك؟",
    "שלום עולם",
    "¿Qué tal? ¡Bien!",
    "2024-05-01 or 555-1234",
]

NOTHING = [
    "",
    " ",
    "\n\n",
    "...",
    "…",
    "—",
    "-",
    "---",
    "***",
    "?!",
    "👍",
    "`x`",
    "**",
    "\x00",
    "()",
    "†",
]


@pytest.mark.parametrize(
    ("text", "spoken"), MARKDOWN + ADDRESSES + TYPOGRAPHY + SYMBOLS + MONEY + LETTERS
)
def test_what_is_spoken(text: str, spoken: str) -> None:
    assert sanitize(text) == spoken
    assert sanitize(spoken) == spoken


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_stays_as_it_is(text: str) -> None:
    assert sanitize(text) == text


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_to_say(text: str) -> None:
    assert sanitize(text) == ""


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**Größe**: 5 % — ja, 20 °C & 3 €", "Größe: 5 %, ja, 20 °C & 3 €"),
        ("AI, CO2 und 5–10 m²", "AI, CO2 und 5-10 m²"),
        ("siehe https://www.beispiel.de/pfad?x=1.", "siehe beispiel.de."),
        ("schreib an bob@beispiel.de", "schreib an bob@beispiel.de"),
        ("-5 Grad, a/b, #1 ~ x < y", "-5 Grad, a b, 1 x y"),
        ("« Bonjour » 👍", "« Bonjour »"),
        ("1. Eins\n2. Zwei", "Eins, Zwei"),
    ],
)
def test_other_languages_get_no_english_words(text: str, spoken: str) -> None:
    assert sanitize(text, language="de") == spoken
    assert sanitize(spoken, language="de") == spoken


@pytest.mark.parametrize("language", ["en", "en-US", "en_GB", "EN"])
def test_english_by_any_name(language: str) -> None:
    assert sanitize("5%", language=language) == "5 percent"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("naïve café in Zürich", "naive cafe in Zurich"),
        ("Straße, Ærø, Łódź, œuvre", "Strasse, AEro, Lodz, oeuvre"),
        ("20 °C — “yes”…", '20 degrees Celsius, "yes"...'),
        ("5 € for 你好 and 👍", "5 euros for and"),
        ("Ｆｕｌｌ ｗｉｄｔｈ。", "Full width."),
        ("Привет", ""),
        ("e\u0301", "e"),
    ],
)
def test_for_an_engine_that_knows_ascii_only(text: str, spoken: str) -> None:
    assert sanitize(text, ascii_only=True) == spoken


def test_letters_come_in_one_form() -> None:
    assert sanitize("cafe\u0301") == "caf\u00e9"


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\x7f", "\u200b", "\u00ad", "\ufeff", "\u202e", "\ud800"]
)
def test_what_nobody_can_see_is_gone(hidden: str) -> None:
    assert sanitize(f"a{hidden}b") == "ab"


SCRAPS = [
    *"*_`~#[](){}<>|\\/^@&%$€£¥°+=-–—−×÷.,;:!?'\"“”’«» \n\t15289aBcXyAI²³½😀éÇß中。，А٣§π™①ⁿ₂ﬁ＊Ａ",
    "\ufe0f", "\u0301", "\u200d", "\u00ad", "\x00", "\ud800",
    "**", "```", "``", "1. ", "- ", "> ", "## ", "http://", "www.", "a.com", "x@y.de", "CO2", "API",
    "US", "<b>", "</p>", "&amp;", "&lt;", "[a](b)", "![", "](", "$5", "3.14", "7:30", "...", "--",
    "->", "<=", "km/h", "m²", "°C", "1/2", " million", "foo", "Bar", "s", "[1]", "w/ ", "<3", ":)",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(SCRAPS), max_size=14).map("".join), st.text(max_size=60))


@settings(deadline=None, max_examples=600, derandomize=True)
@given(TEXTS, st.sampled_from(["en", "de"]), st.booleans())
def test_whatever_comes_in_only_speakable_text_goes_out(
    text: str, language: str, ascii_only: bool
) -> None:
    spoken = sanitize(text, language=language, ascii_only=ascii_only)
    assert sanitize(spoken, language=language, ascii_only=ascii_only) == spoken
    assert not any(unicodedata.category(char).startswith("C") for char in spoken)
    assert spoken == " ".join(spoken.split())
    assert not spoken or any(map(str.isalnum, spoken))
    assert not set(spoken) & set("*_`~#[]{}<>|\\^/")
    if ascii_only:
        assert spoken.isascii()


PIECES = """
* _ ` ``a ``` ~ # [ ![ [a]( [a](() ( () < <b <!-- & &am > | \\ a A AB1 1 1. 1, 1/ 1/2 $1 $1- 1$ ^ ^1
- -- — 1– . .. , ; ! / a/ a@ a. a- http:// www. = + ° ² m² ½ ' " é 中 😀 [[b] ABCDEFGHIJ
"""
SPACED = [
    " ",
    "\n",
    "\t",
    "1. ",
    "- ",
    " -",
    " ,",
    "( )",
    "a.com ",
    "- 1. ",
    "x: y\n",
    "|\n",
    "\x00",
    "\u0301",
]


@pytest.mark.parametrize("piece", PIECES.split() + SPACED)
def test_hostile_input_takes_linear_time(piece: str) -> None:
    """Quadratic work on 100,000 characters would run for minutes, into the test's time limit."""
    assert len(sanitize((piece * 100_000)[:100_000])) < 2_000_000
