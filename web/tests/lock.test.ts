import { expect, test } from "vitest";
import lock from "../package-lock.json";

test("the lock file says what is installed, and names no place on the network", () => {
  const fields = Object.entries(lock.packages).flatMap(([name, entry]) =>
    Object.entries(entry).map(([field, value]) => `${name} ${field} ${JSON.stringify(value)}`),
  );
  expect(fields.filter((field) => /https?:|git\+|ssh:/.test(field))).toEqual([]);
});
