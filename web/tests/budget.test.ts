// What a first visit loads is counted, and nothing that may come later.

import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Bundle, firstLoad } from "../scripts/budget.ts";

const chunk = (code: string, ...imports: string[]) => ({ type: "chunk" as const, code, imports });

test("the entry and all that it can't begin without are counted once", () => {
  const bundle: Bundle = {
    "index.js": chunk("begin", "shared.js", "more.js"),
    "more.js": chunk("more", "shared.js"),
    "shared.js": chunk("shared"),
    "later.js": chunk("a view that is loaded when it is wanted", "shared.js"),
    "style.css": { type: "asset" },
  };
  const size = (code: string) => gzipSync(code).length;
  expect(firstLoad(bundle, "index.js")).toBe(size("begin") + size("more") + size("shared"));
});
