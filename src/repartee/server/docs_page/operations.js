// What a server's description (OpenAPI) says, as a plain list: groups of operations, each with what
// it takes, what it gives, and a command that tries it.

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 4; // descriptions may go round in circles

/** [{name, operations}] in the order of the description; WebSockets come first. */
export function groupsOf(description, origin) {
  const groups = new Map();
  const add = (name, operation) => groups.set(name, [...(groups.get(name) ?? []), operation]);
  for (const socket of description["x-websockets"] ?? []) {
    add("WebSockets", socketOf(socket, origin));
  }
  for (const [path, methods] of Object.entries(description.paths ?? {})) {
    for (const method of METHODS.filter((one) => methods[one])) {
      const operation = methods[method];
      add(operation.tags?.[0] ?? "Server", operationOf(description, origin, path, method, operation));
    }
  }
  return [...groups].map(([name, operations]) => ({ name, operations }));
}

/** The sentence that stands beside a path: the beginning of what is told of it. */
export function firstSentence(text) {
  const paragraph = text.split(/\n\s*\n/)[0].replace(/\s+/g, " ").trim();
  return paragraph.match(/^.*?[.:!?](?=\s|$)/)?.[0].replace(/:$/, ".") ?? paragraph;
}

function socketOf({ path, description }, origin) {
  const url = `${origin.replace(/^http/, "ws")}${path}`;
  return { method: "WS", path, description, parameters: [], bodies: [], answers: [], tries: [url] };
}

function operationOf(description, origin, path, method, operation) {
  const parameters = (operation.parameters ?? []).map((one) => parameterOf(description, one));
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => ({
    type,
    ...bodyOf(description, schema),
  }));
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => ({
    status,
    description: answer.description,
    types: Object.keys(answer.content ?? {}),
    fields: fieldsOf(description, answer.content?.["application/json"]?.schema),
  }));
  const url = `${origin}${addressed(path, parameters)}`;
  const shared = { method: method.toUpperCase(), url };
  const tries =
    bodies.length > 0 ? bodies.map((body) => command(shared, body)) : [command(shared, null)];
  return {
    method: shared.method,
    path,
    description: operation.description ?? operation.summary ?? "",
    parameters,
    bodies,
    answers,
    tries,
  };
}

// ------------------------------------------------------------ what it takes and gives

function parameterOf(description, { name, in: where, required, schema, description: about }) {
  const resolved = resolve(description, schema);
  return { ...fieldOf(description, name, resolved, required), about: about ?? "", where };
}

function bodyOf(description, schema) {
  const resolved = resolve(description, schema);
  return { fields: fieldsOf(description, resolved), example: exampleOf(description, resolved) };
}

/** The fields of an object, or of the objects in a list. */
function fieldsOf(description, schema) {
  const resolved = resolve(description, schema);
  const object = resolved.type === "array" ? resolve(description, resolved.items) : resolved;
  const required = new Set(object.required ?? []);
  return Object.entries(object.properties ?? {}).map(([name, one]) =>
    fieldOf(description, name, resolve(description, one), required.has(name)),
  );
}

function fieldOf(description, name, schema, required) {
  return {
    name,
    required: Boolean(required),
    type: typeOf(description, schema),
    about: schema.description ?? "",
    example: exampleOf(description, schema),
    file: schema.format === "binary",
  };
}

/** A type in words: `integer, 1 to 200`. */
export function typeOf(description, schema) {
  const kinds = (schema.anyOf ?? schema.oneOf ?? [schema])
    .map((one) => resolve(description, one))
    .filter((one) => one.type !== "null");
  return kinds.map((one) => kindOf(description, one)).join(" or ") || "anything";
}

function kindOf(description, schema) {
  if (schema.enum) return schema.enum.join(", ");
  if (schema.const !== undefined) return String(schema.const);
  if (schema.format === "binary") return "file";
  if (schema.type === "array") return `list of ${typeOf(description, schema.items ?? {})}`;
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const name = schema.type ?? "anything";
  if (low !== undefined && high !== undefined) return `${name}, ${low} to ${high}`;
  if (low !== undefined) return `${name}, from ${low}`;
  if (high !== undefined) return `${name}, up to ${high}`;
  return schema.maxLength ? `${name}, at most ${schema.maxLength} letters` : name;
}

function resolve(description, schema) {
  const path = schema?.$ref?.match(/^#\/(.*)$/)?.[1].split("/");
  return path?.reduce((part, name) => part?.[name], description) ?? schema ?? {};
}

// ------------------------------------------------------------ how to try it

/** What the description gives as an example, or the plainest value of its type. */
export function exampleOf(description, schema, depth = 0) {
  const one = resolve(description, schema);
  const given = one.examples?.[0] ?? one.example ?? one.default ?? one.const ?? one.enum?.[0];
  if (given !== undefined && given !== null) return given;
  const choice = (one.anyOf ?? one.oneOf)?.find((other) => other.type !== "null");
  if (depth >= DEEPEST) return null;
  if (choice) return exampleOf(description, choice, depth + 1);
  if (one.type === "array") return [exampleOf(description, one.items, depth + 1)];
  if (one.properties) {
    const wanted = Object.entries(one.properties).filter(
      ([name, field]) => one.required?.includes(name) || isToldHow(resolve(description, field)),
    );
    return Object.fromEntries(
      wanted.map(([name, field]) => [name, exampleOf(description, field, depth + 1)]),
    );
  }
  return { string: "text", integer: 1, number: 1, boolean: true, object: {} }[one.type] ?? null;
}

const isToldHow = ({ examples, example }) => examples !== undefined || example !== undefined;

function addressed(path, parameters) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => name.toUpperCase());
  const query = parameters
    .filter(({ where, required }) => where === "query" && required)
    .map(({ name, example }) => `${name}=${encodeURIComponent(example ?? "text")}`);
  return query.length > 0 ? `${filled}?${query.join("&")}` : filled;
}

function command({ method, url }, body) {
  const verb = method === "GET" || (method === "POST" && body) ? [] : ["-X", method];
  return ["curl", ...verb, quoted(url), ...(body ? sent(body) : [])].join(" ");
}

function sent({ type, fields, example }) {
  if (type === "multipart/form-data") {
    const parts = fields.filter(({ required, file }) => required || file);
    return parts.flatMap(({ name, file, example: value }) => [
      "-F",
      quoted(`${name}=${file ? "@recording.webm" : value}`),
    ]);
  }
  const header = (name) => ["-H", quoted(`Content-Type: ${name}`)];
  if (type === "application/json") return [...header(type), "-d", quoted(JSON.stringify(example))];
  return [...header(type.replace("*", "webm")), "--data-binary", "@recording.webm"];
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
