"""The few words by which a turn is judged, per language.

They are hints about silence, not grammar: a wrong guess costs a few hundred milliseconds. A
language without an entry is judged by punctuation and length alone.
"""

from __future__ import annotations

import msgspec


class Lexicon(msgspec.Struct, frozen=True):
    open_words: frozenset[str] = frozenset()
    """Words after which a speaker goes on: conjunctions, articles, fillers."""
    open_phrases: frozenset[str] = frozenset()
    """Endings of several words after which a speaker goes on."""
    asking: frozenset[str] = frozenset()
    """Question words: "where it is" is finished, though "it is" is not."""
    ends_question: frozenset[str] = frozenset()
    """Open words that may close a sentence in which something is asked."""
    numbers: frozenset[str] = frozenset()
    """Number words: half a telephone number is not a finished sentence."""
    whole: frozenset[str] = frozenset()
    """Short utterances that are complete as they stand."""
    backchannel: frozenset[str] = frozenset()
    """What a listener says to show that they listen; it interrupts nobody."""
    seizing: frozenset[str] = frozenset()
    """Words that take the floor: one of them is enough, even before it is certain."""
    one_moment: str = ""
    """How a caller is asked to wait; in a language without it they wait in silence."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split(","))


LEXICONS: dict[str, Lexicon] = {
    "en": Lexicon(
        open_words=_words(
            "a an the and or but so because if when while although though which who whose "
            "to of in at for from with without into onto about between than as by like near "
            "my your his its our their some any every each another i we they "
            "is are was were am be been will would could should may might must "
            "not very really just also then um uh er erm hmm well "
            "i'm you're we're they're it's that's i'll we'll let's don't i've unless until"
        ),
        open_phrases=_phrases(
            "would like to know, want to know, like to know, tell me, show me, give me, i think, "
            "i mean, you know, i guess, i want, i need, i would like, i'd like, can you, "
            "could you, would you, do you, do you know, what about, how about, sort of, kind of, "
            "such as, for example, do you think, i was wondering, i wonder, "
            "i think that, so that, the thing is that, the number is, my name is"
        ),
        asking=_words("what who whom where how which when why whose"),
        ends_question=_words(
            "is are was were am be to for from with about at like should would think mean"
        ),
        numbers=_words(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy "
            "eighty ninety hundred thousand million point oh"
        ),
        whole=_phrases(
            "yes, no, yeah, nope, okay, ok, sure, stop, wait, hello, hi, hey, thanks, thank you, "
            "goodbye, bye, bye bye, please, please do, go on, go ahead, never mind, of course, "
            "not really, i don't know, i do, why, what, how, when, where, who, really, exactly, "
            "good morning, good evening, good night, help, continue, again, repeat that, "
            "yes please, no thanks, no thank you, yes i am, yes it is, why not, of course not, "
            "i think so, i guess so, i hope so, come on, hold on"
        ),
        backchannel=_words(
            "mm mhm mmhm hm hmm mm-hm mm-hmm uh-huh uhhuh uh huh ah oh aha okay ok yeah yes yep "
            "right sure i see really wow nice cool good great"
        ),
        seizing=_words(
            "stop wait no nope hold hang pause quiet silence enough shut cancel hey hello listen "
            "excuse sorry actually"
        ),
        one_moment="I'm sorry, one moment please.",
    ),
    "de": Lexicon(
        open_words=_words(
            "und oder aber weil wenn dass der die das ein eine einen einem einer den dem des zu "
            "von in im am für ohne über ich wir sie er es ist sind war äh ähm also "
            "mein meine dein deine sein ihre unser als wie sehr noch"
        ),
        open_phrases=_phrases("ich möchte wissen, sag mir, ich glaube, kannst du, zum beispiel"),
        asking=_words("was wer wo wie wann warum wieso welche welcher welches wohin woher wem wen"),
        ends_question=_words("ist sind war es das sie er wir ich"),
        numbers=_words(
            "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf hundert komma"
        ),
        whole=_phrases(
            "ja, nein, danke, stopp, halt, hör auf, hallo, tschüss, bitte, genau, warum, weiter"
        ),
        backchannel=_words("mm mhm hm aha ach ja okay genau stimmt gut ah oh"),
        seizing=_words("stopp stop halt warte moment nein ruhe still genug hallo entschuldigung"),
        one_moment="Entschuldigung, einen Moment bitte.",
    ),
    "fr": Lexicon(
        open_words=_words(
            "et ou mais car que qui le la les un une des de du à au aux en dans sur pour avec sans "
            "je tu il elle nous vous ils est sont euh ben mon ma mes ton ta son sa ne très dis-moi"
        ),
        open_phrases=_phrases("je voudrais savoir, dis moi, je pense, est ce que, par exemple"),
        numbers=_words(
            "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize "
            "quatorze quinze seize vingt trente quarante cinquante soixante cent mille virgule"
        ),
        whole=_phrases("oui, non, merci, stop, attends, bonjour, salut, pourquoi, d'accord"),
        backchannel=_words("mm mhm hm ah oh oui ouais d'accord ok"),
        seizing=_words("stop arrête attends attendez non silence assez pardon écoute"),
        one_moment="Pardon, un instant s'il vous plaît.",
    ),
    "es": Lexicon(
        open_words=_words(
            "y o pero porque que quien el la los las un una unos unas de del a al en por para con "
            "sin yo tú él ella es son eh este mi mis tu su no muy"
        ),
        open_phrases=_phrases("quiero saber, dime, yo creo, me puedes, por ejemplo"),
        asking=_words("qué quién quiénes cuál cuáles dónde cómo cuándo cuánto cuánta"),
        ends_question=_words("es son él ella este"),
        numbers=_words(
            "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce "
            "trece catorce quince veinte treinta cuarenta cincuenta sesenta cien mil coma"
        ),
        whole=_phrases("sí, no, gracias, para, espera, hola, adiós, por qué, vale"),
        backchannel=_words("mm mhm hm ah oh sí ya vale claro"),
        seizing=_words("para alto espera no silencio basta perdón oye"),
        one_moment="Perdón, un momento por favor.",
    ),
}

SILENT = Lexicon()


def lexicon_for(language: str) -> Lexicon:
    return LEXICONS.get(language.lower().replace("_", "-").split("-")[0], SILENT)


def holding_sentence(language: str) -> str:
    """What is said in this language to somebody whose answer is late; empty for nothing."""
    return lexicon_for(language).one_moment
