/** What was heard of a reply, with a dash where it broke off, unless that was between sentences. */
export function brokenOff(heard: string): string {
  const words = heard.trimEnd();
  return words === "" || /[.!?…]["'”’»)]*$/.test(words) ? words : `${words}—`;
}
