// The page's client, played whole conversations as a server would send them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  canStop,
  handle,
  initial,
  parse,
  presence,
} from "../../src/repartee/server/page/client.js";
import { splitHeard } from "../../src/repartee/server/page/heard.js";

const server = (message) => ({ type: "server", message });
const status = (data, rest) => server({ type: "status", data, ...rest });
const transcript = (text, final) =>
  server({ type: "transcript", data: { text, is_final: final, confidence: 0.9 } });
const words = (reply, data) => server({ type: "text_chunk", data, reply });
const sound = (reply, data = "AAA=") => server({ type: "audio", data, reply });
const chunk = (reply, type, data) =>
  server({ type: "chunk", data: { type, data, chunk_id: 0 }, reply });

const CONNECTED = status("connected", { session_id: "one" });
const QUESTION = [CONNECTED, transcript("do owls", false), transcript("Do owls hunt?", true)];
const ANSWER = [
  ...QUESTION,
  status("generating", { reply: 1 }),
  words(1, "They "),
  words(1, "do."),
];

/** Plays events from a state; gives the last state and all wishes on the way. */
function play(events, from = initial) {
  return events.reduce(
    ([state, wishes], event) => {
      const [next, more] = handle(state, event);
      return [next, [...wishes, ...more]];
    },
    [from, []],
  );
}

const stateAfter = (events, from) => play(events, from)[0];
const wishesOf = (event, from) => handle(from, event)[1];
const said = ({ turns }) => turns.map(({ who, text }) => `${who}: ${text}`);

describe("a spoken turn", () => {
  test("what the user is saying is shown while it is said, and firm when it is final", () => {
    const speaking = stateAfter(QUESTION.slice(0, 2));
    assert.equal(speaking.interim, "do owls");
    assert.deepEqual(said(speaking), []);
    const done = stateAfter(QUESTION);
    assert.equal(done.interim, "");
    assert.deepEqual(said(done), ["you: Do owls hunt?"]);
  });

  test("nothing understood leaves no empty turn behind", () => {
    assert.deepEqual(
      said(stateAfter([CONNECTED, transcript("um", false), transcript("", true)])),
      [],
    );
  });

  test("the reply grows piece by piece, as one turn", () => {
    assert.deepEqual(said(stateAfter(ANSWER)), ["you: Do owls hunt?", "them: They do."]);
  });

  test("its sound is played as it comes", () => {
    const wishes = wishesOf(sound(1, "c291bmQ="), stateAfter(ANSWER));
    assert.deepEqual(wishes, [{ do: "play-piece", reply: 1, base64: "c291bmQ=" }]);
  });

  test("when it is complete, its words are there to be announced", () => {
    const wishes = wishesOf(status("complete", { reply: 1 }), stateAfter(ANSWER));
    assert.deepEqual(wishes, [{ do: "announce", text: "They do." }]);
  });
});

describe("an interruption", () => {
  const cut = status("interrupted", { reply: 1, heard: "They" });

  test("silences the reply at once and keeps what was heard of it", () => {
    const [state, wishes] = play([cut], stateAfter(ANSWER));
    assert.deepEqual(wishes, [{ do: "hush" }]);
    assert.equal(state.turns.at(-1).cut, "They");
    assert.equal(canStop(state), false);
  });

  test("sound of that reply which comes later is dropped", () => {
    assert.deepEqual(wishesOf(sound(1), stateAfter([...ANSWER, cut])), []);
  });

  test("can come after a typed reply was sent to its end, while it is still heard", () => {
    const sent = [
      CONNECTED,
      server({ type: "response_start", message: "", reply: 1 }),
      chunk(1, "text", "They do."),
      server({ type: "response_complete", full_text: "They do.", message: "", reply: 1 }),
    ];
    const [state, wishes] = play([cut], stateAfter(sent));
    assert.deepEqual(wishes, [{ do: "hush" }]);
    assert.equal(state.turns.at(-1).cut, "They");
  });

  test("of nothing changes nothing", () => {
    const state = stateAfter([...ANSWER, status("complete", { reply: 1 })]);
    assert.equal(stateAfter([status("interrupted", { reply: 0, heard: "" })], state), state);
  });

  test("by the stop button is silent before it is asked for, and drops what is under way", () => {
    const [state, wishes] = play([{ type: "stopped" }], stateAfter(ANSWER));
    const interrupt = { do: "send", message: { type: "interrupt" } };
    assert.deepEqual(wishes, [{ do: "hush" }, interrupt]);
    assert.deepEqual(wishesOf(sound(1), state), []);
  });

  test("does not touch the reply after it", () => {
    const next = stateAfter([...ANSWER, cut, status("generating", { reply: 2 })]);
    assert.equal(wishesOf(sound(2), next).length, 1);
    const late = handle(next, status("interrupted", { reply: 1, heard: "They" }));
    assert.deepEqual(late[1], []);
    assert.equal(canStop(late[0]), true);
  });
});

describe("only the newest reply is heard", () => {
  const replaced = stateAfter([...ANSWER, status("generating", { reply: 2 })]);

  test("a newer one ends the sound of the older, even without a word about it", () => {
    const wishes = wishesOf(status("generating", { reply: 2 }), stateAfter(ANSWER));
    assert.deepEqual(wishes, [{ do: "hush" }]);
  });

  test("sound of the older one, and of one nobody announced, is dropped", () => {
    assert.deepEqual(wishesOf(sound(1), replaced), []);
    assert.deepEqual(wishesOf(sound(7), replaced), []);
  });

  test("late words of the older one go to its own turn", () => {
    const state = stateAfter([words(2, "New."), words(1, " Late.")], replaced);
    assert.deepEqual(said(state).slice(1), ["them: They do. Late.", "them: New."]);
  });
});

describe("a typed turn", () => {
  const asked = stateAfter([CONNECTED, { type: "typed", text: "Hello" }]);
  const started = stateAfter([server({ type: "response_start", message: "", reply: 1 })], asked);

  test("is shown and sent", () => {
    assert.deepEqual(said(asked), ["you: Hello"]);
    const wishes = wishesOf({ type: "typed", text: "Hello" }, stateAfter([CONNECTED]));
    assert.deepEqual(wishes, [{ do: "send", message: { type: "chat", message: "Hello" } }]);
  });

  test("is answered in text and in phrases of sound", () => {
    const [state, wishes] = play(
      [chunk(1, "text", "Good "), chunk(1, "audio", "UklGRg==")],
      started,
    );
    assert.deepEqual(said(state), ["you: Hello", "them: Good "]);
    assert.deepEqual(wishes, [{ do: "play-phrase", reply: 1, base64: "UklGRg==" }]);
  });

  test("whose pieces were missed still has its full text in the end", () => {
    const complete = { type: "response_complete", full_text: "Good day.", message: "", reply: 1 };
    assert.deepEqual(said(stateAfter([server(complete)], started)), [
      "you: Hello",
      "them: Good day.",
    ]);
  });
});

describe("the connection", () => {
  test("is open when the server says so, not before", () => {
    assert.equal(stateAfter([{ type: "link", link: "open" }]).link, "connecting");
    assert.equal(stateAfter([CONNECTED]).link, "open");
  });

  test("that was lost begins a new conversation, counted from one, and says so", () => {
    const [state, wishes] = play(
      [{ type: "link", link: "waiting" }, CONNECTED],
      stateAfter(ANSWER),
    );
    assert.deepEqual(wishes, [{ do: "hush" }]);
    assert.equal(state.turns.at(-1).who, "note");
    const again = stateAfter([status("generating", { reply: 1 }), words(1, "Hello.")], state);
    assert.equal(again.turns.at(-1).text, "Hello.");
    assert.equal(wishesOf(sound(1), again).length, 1);
  });

  test("lost before anything was said needs no note", () => {
    const state = stateAfter([CONNECTED, { type: "link", link: "waiting" }, CONNECTED]);
    assert.deepEqual(state.turns, []);
  });
});

describe("what is going on, in one word", () => {
  const listening = stateAfter([CONNECTED, { type: "mic", mic: "on" }]);
  const cases = [
    ["connecting", initial],
    ["idle", stateAfter([CONNECTED])],
    ["asking", stateAfter([CONNECTED, { type: "mic", mic: "asking" }])],
    ["listening", listening],
    ["muted", stateAfter([{ type: "muted", muted: true }], listening)],
    ["hearing", stateAfter([transcript("do owls", false)], listening)],
    ["thinking", stateAfter([status("generating", { reply: 1 })], listening)],
    ["speaking", stateAfter([{ type: "sounding", reply: 1 }], listening)],
    ["reconnecting", stateAfter([{ type: "link", link: "waiting" }], listening)],
    ["waiting", stateAfter([{ type: "link", link: "waiting" }])],
  ];
  for (const [word, state] of cases) test(word, () => assert.equal(presence(state), word));
});

describe("trouble", () => {
  test("the server's sentence is shown, and goes with the next turn", () => {
    const sentence = "The language model took too long to answer.";
    const state = stateAfter([CONNECTED, server({ type: "error", data: sentence })]);
    assert.deepEqual(state.problem, { sentence, way: null });
    assert.equal(stateAfter([transcript("Again.", true)], state).problem, null);
  });

  test("what is no message is none", () => {
    for (const text of ["", "{", "null", "[]", "7", '{"type":3}', "{}"])
      assert.equal(parse(text), null);
    assert.deepEqual(parse('{"type":"pong"}'), { type: "pong" });
  });

  test("messages with wrong fields or unknown types change nothing", () => {
    const state = stateAfter(ANSWER);
    const odd = [
      { type: "toString" },
      { type: "unheard-of" },
      { type: "status", data: 4 },
      { type: "status" },
      { type: "text_chunk", data: { a: 1 }, reply: 1 },
      { type: "audio", data: null, reply: 1 },
      { type: "audio", data: "AAA=", reply: 99 },
      { type: "chunk", reply: 1 },
      { type: "chunk", data: "x", reply: 1 },
      { type: "error", data: 5 },
    ];
    for (const message of odd) {
      const [next, wishes] = handle(state, server(message));
      assert.deepEqual([next, wishes], [state, []], JSON.stringify(message));
    }
  });

  test("a conversation without end does not fill the memory", () => {
    const many = Array.from({ length: 600 }, (_, i) => transcript(`Number ${i}.`, true));
    const { turns } = stateAfter([CONNECTED, ...many]);
    assert.equal(turns.length, 500);
    assert.equal(turns.at(-1).text, "Number 599.");
  });

  test("a state that was handed out is never changed", () => {
    const frozen = structuredClone(stateAfter(ANSWER));
    frozen.turns.forEach(Object.freeze);
    Object.freeze(frozen.turns);
    Object.freeze(frozen);
    const events = [words(1, " Yes."), status("interrupted", { reply: 1, heard: "" }), CONNECTED];
    for (const event of events) handle(frozen, event);
  });
});

describe("what was heard of a reply", () => {
  const cases = [
    ["They hunt at night.", "They hunt", ["They hunt", " at night."]],
    ["They hunt.", "They hunt.", ["They hunt.", ""]],
    ["They hunt.", "", ["", "They hunt."]],
    ["**Owls** – they hunt.", "Owls, they", ["**Owls** – they", " hunt."]],
    ["Two words.", "many more words than there are", ["Two words.", ""]],
  ];
  for (const [written, heard, parts] of cases) {
    test(`${JSON.stringify(heard)} of ${JSON.stringify(written)}`, () => {
      assert.deepEqual(splitHeard(written, heard), parts);
    });
  }
});
