// What the page at /docs makes of a description.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  exampleOf,
  firstSentence,
  groupsOf,
  typeOf,
} from "../../src/repartee/server/docs_page/operations.js";

const schemas = {
  Wish: {
    type: "object",
    required: ["text"],
    properties: {
      text: { type: "string", examples: ["It's noon."], maxLength: 100 },
      speed: { anyOf: [{ type: "number", exclusiveMinimum: 0, maximum: 2 }, { type: "null" }] },
      again: { $ref: "#/components/schemas/Wish" },
    },
  },
  Answer: { type: "object", properties: { audio: { type: "string", description: "A file." } } },
};
const json = (schema) => ({ "application/json": { schema } });
const ref = (name) => ({ $ref: `#/components/schemas/${name}` });

const description = {
  components: { schemas },
  "x-websockets": [{ path: "/ws", description: "Talk." }],
  paths: {
    "/say": {
      post: {
        tags: ["Voice"],
        description: "Say it.",
        requestBody: { content: json(ref("Wish")) },
        responses: {
          200: { description: "Done", content: json(ref("Answer")) },
          422: { description: "Wrong" },
        },
      },
    },
    "/things/{thing_id}": {
      delete: { parameters: [{ name: "thing_id", in: "path", required: true, schema: {} }] },
      get: { parameters: [{ name: "limit", in: "query", schema: { type: "integer" } }] },
    },
    "/upload": {
      post: {
        requestBody: {
          content: {
            "multipart/form-data": {
              schema: {
                type: "object",
                required: ["audio"],
                properties: { audio: { type: "string", format: "binary" }, voice: {} },
              },
            },
            "audio/*": { schema: { type: "string", format: "binary" } },
          },
        },
      },
    },
  },
};

const groups = groupsOf(description, "https://example.test");
const operations = groups.flatMap((group) => group.operations);
const [socket, say, read, remove, upload] = operations;

test("operations are grouped, WebSockets first", () => {
  assert.deepEqual(
    groups.map(({ name, operations: list }) => [name, list.length]),
    [["WebSockets", 1], ["Voice", 1], ["Server", 3]],
  );
  assert.deepEqual(socket.tries, ["wss://example.test/ws"]);
});

test("fields say their type, and whether they are needed", () => {
  assert.deepEqual(
    say.bodies[0].fields.map(({ name, type, required }) => [name, type, required]),
    [
      ["text", "string, at most 100 letters", true],
      ["speed", "number, 0 to 2", false],
      ["again", "object", false],
    ],
  );
});

test("answers say what is in them", () => {
  assert.deepEqual(
    say.answers.map(({ status, fields }) => [status, fields.map(({ name }) => name)]),
    [["200", ["audio"]], ["422", []]],
  );
});

test("a command can be pasted into a shell, quotes and all", () => {
  assert.deepEqual(say.tries, [
    "curl 'https://example.test/say' -H 'Content-Type: application/json' " +
      `-d '{"text":"It'\\''s noon."}'`,
  ]);
  assert.deepEqual(read.tries, ["curl 'https://example.test/things/THING_ID'"]);
  assert.deepEqual(remove.tries, ["curl -X DELETE 'https://example.test/things/THING_ID'"]);
  assert.deepEqual(upload.tries, [
    "curl 'https://example.test/upload' -F 'audio=@recording.webm'",
    "curl 'https://example.test/upload' -H 'Content-Type: audio/webm' " +
      "--data-binary @recording.webm",
  ]);
});

test("an example that goes round in circles has an end", () => {
  const round = { Round: { type: "object", required: ["next"], properties: { next: ref("Round") } } };
  const made = exampleOf({ components: { schemas: round } }, ref("Round"));
  assert.ok(JSON.stringify(made).length < 100);
});

test("types are said in words", () => {
  const said = (schema) => typeOf({}, schema);
  assert.equal(said({ type: "array", items: { type: "integer", minimum: 1 } }), "list of integer, from 1");
  assert.equal(said({ enum: ["wav", "mp3"] }), "wav, mp3");
  assert.equal(said({ type: "string", format: "binary" }), "file");
  assert.equal(said({}), "anything");
});

test("the first sentence is enough beside a path", () => {
  assert.equal(firstSentence("One thing. Another.\n\nMore."), "One thing.");
  assert.equal(firstSentence("What is\nsaid: a form"), "What is said.");
  assert.equal(firstSentence("No end"), "No end");
});

test("a description of nothing is an empty page", () => {
  assert.deepEqual(groupsOf({}, "http://x"), []);
});
