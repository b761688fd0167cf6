/** What vcard.ts uses of ical.js, whose own types TypeScript does not find behind its `exports`. */
declare module 'ical.js' {
  /** A component as jCard (RFC 7095) has it: name, properties, parts. Throws for what cannot be read. */
  type JProperty = [name: string, params: Record<string, string | string[]>, type: string, ...values: unknown[]];
  const ICAL: { parse(text: string): [name: string, properties: JProperty[], parts: unknown[]] };
  export default ICAL;
}
