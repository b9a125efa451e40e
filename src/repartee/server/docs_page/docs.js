// Shows what the server says of its interfaces. It needs no other host.

import { firstSentence, groupsOf } from "./operations.js";

const COPIED_MS = 1_500;

show().catch(() => {
  find("state").textContent = "The description could not be read. Is the server still running?";
});

async function show() {
  const response = await fetch("/openapi.json");
  if (!response.ok) throw new Error(`status ${response.status}`);
  const description = await response.json();
  const { title, version, description: about } = description.info;
  document.title = `${title}: interfaces`;
  find("title").textContent = `${title} ${version}`;
  find("about").textContent = about ?? "";
  const groups = groupsOf(description, location.origin);
  find("groups").replaceChildren(...groups.map(({ name }) => link(name, `#${anchor(name)}`)));
  find("operations").replaceChildren(...groups.map(group));
  openWhatIsNamed();
  addEventListener("hashchange", openWhatIsNamed);
}

/** An address may name an operation: it is opened, and can be sent to others. */
function openWhatIsNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) named.open = true;
  named?.scrollIntoView();
}

// ------------------------------------------------------------ the parts of the page

function group({ name, operations }) {
  const section = element("section", {}, element("h2", { id: anchor(name) }, name));
  section.append(...operations.map(operation));
  return section;
}

function operation(one) {
  const id = anchor(`${one.method} ${one.path}`);
  const summary = element(
    "summary",
    {},
    element("span", { className: `method ${one.method.toLowerCase()}` }, one.method),
    element("code", {}, one.path),
    element("span", { className: "short" }, ...marked(firstSentence(one.description))),
  );
  const details = element("details", { id }, summary, ...paragraphs(one.description));
  details.append(...fields("It takes, in the address", one.parameters));
  for (const body of one.bodies) details.append(...fields(`It takes, as ${body.type}`, body.fields));
  const good = one.answers.find(({ status }) => status.startsWith("2"));
  details.append(...fields("It gives", good?.fields ?? []));
  details.append(...answers(one.answers));
  if (one.tries.length > 0) details.append(element("h3", {}, "Try it"), ...one.tries.map(attempt));
  details.addEventListener("toggle", () => {
    if (details.open) history.replaceState(null, "", `#${id}`);
  });
  return details;
}

function fields(title, list) {
  if (list.length === 0) return [];
  const rows = list.map(({ name, type, required, about }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, name), required ? "" : optional()),
      element("td", {}, element("span", { className: "type" }, type, about && " · "), ...marked(about)),
    ),
  );
  return [element("h3", {}, title), element("table", {}, element("tbody", {}, ...rows))];
}

const optional = () => element("small", {}, " optional");

function answers(list) {
  if (list.length === 0) return [];
  const rows = list.map(({ status, description, types }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, status)),
      element("td", {}, ...marked(description), " ", typesOf(types)),
    ),
  );
  return [element("h3", {}, "It answers"), element("table", {}, element("tbody", {}, ...rows))];
}

const typesOf = (types) => element("span", { className: "type" }, types.join(", "));

function attempt(text) {
  const button = element("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), COPIED_MS);
  });
  const copy = navigator.clipboard ? [button] : []; // browsers have none on plain http elsewhere
  return element("div", { className: "try" }, element("pre", { tabIndex: 0 }, text), ...copy);
}

// ------------------------------------------------------------ small words

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const find = (id) => document.getElementById(id);
const link = (text, href) => element("a", { href }, text);
const anchor = (name) => name.toLowerCase().replace(/[^\w]+/g, "-").replace(/-+$/, "");

function paragraphs(text) {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => element("p", {}, ...marked(part)));
}

/** What stands between `back ticks` is code. */
function marked(text) {
  return text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
}
