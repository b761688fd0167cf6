/** The words and shapes by which secrets in free text are known, and those by which other numbers are. British English. */

const digitWords =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen';
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety';

/** Digits as people say them. */
export const spelled: ReadonlyMap<string, string> = new Map([
  ...`${digitWords} seventeen eighteen nineteen`.split(' ').map((word, value) => [word, String(value)] as const),
  ...tens.split(' ').map((word, index) => [word, String((index + 2) * 10)] as const),
  ...['oh', 'o', 'nought', 'naught', 'nil'].map((word) => [word, '0'] as const),
]);

/** "double four", "treble two": how often the digit after it is meant. */
export const repeated: ReadonlyMap<string, number> = new Map([
  ['double', 2],
  ['treble', 3],
  ['triple', 3],
]);

/** Words between the parts of one number. */
export const fillers: ReadonlySet<string> = new Set(
  'and then dash hyphen space stroke slash dot point followed by next'.split(' '),
);

export type Secret = 'PIN or code' | 'password' | 'card number' | 'account number' | 'sort code';

export interface Trigger {
  readonly secret: Secret;
  readonly words: RegExp;
  /** So many digits near it are one. */
  readonly least: number;
}

/** Words near which digits are a secret. */
export const triggers: readonly Trigger[] = [
  { secret: 'PIN or code', least: 3, words: /\bp\.?i\.?n\.?s?\b|\bpass ?(?:codes?|words?|phrases?|numbers?)\b/giu },
  {
    secret: 'PIN or code',
    least: 3,
    words: /(?<!\b(?:post|area|dial(?:l?ing)?|dress)[ -]?)\bcodes?\b|\b(?:otp|cv[vcn]2?|cv2|csc)\b/giu,
  },
  {
    secret: 'PIN or code',
    least: 3,
    words: /\bone[ -]time\b|\bsecurity (?:numbers?|answers?)\b|\bexpir(?:y|es?|ed)\b|\bdigits?\b/giu,
  },
  {
    secret: 'card number',
    least: 3,
    words: /\bcards?\b|\b(?:visa|mastercard|maestro|amex|barclaycard)\b|\blong number\b/giu,
  },
  {
    secret: 'account number',
    least: 5,
    words: /\baccounts?\b|\baccts?\b|\ba\/cs?\b|\bsort ?-?codes?\b|\biban\b|\broll number\b/giu,
  },
];

/** Right before a number these leave no doubt, whatever else the number looks like. */
export const certainBefore =
  /\b(?:pins?|codes?|otp|cv[vcn]2?|cv2|csc|passcode|expiry|sort ?codes?|digits)\b[^\p{L}\p{Nd}]{0,4}(?:(?:is|was|number)\b)?[^\p{L}\p{Nd}]{0,4}$/iu;

/** What follows is a password, unless it is an ordinary word of the sentence. */
export const passwordBefore =
  /\bpass ?(?:words?|phrases?|codes?)["”’']?\s*(?:is|was|=|:|-|–)\s*[:"“‘']?([^\s"”’'[\]]{3,})/giu;
export const codeBefore =
  /\b(?:pin|codes?|otp)\s*(?:is|was|=|:|-|–)?\s*[:"“‘']?((?=\S*\p{L})(?=\S*\p{Nd})[\p{L}\p{Nd}-]{3,16})/giu;
export const ordinary: ReadonlySet<string> = new Set(
  (
    'changed reset given known asked not never wrong right correct being stolen disclosed written shared used her his their ' +
    'the also still safe needed required told said passed taken kept new now only'
  ).split(' '),
);

export const iban =
  /(?<![\p{L}\p{Nd}])[A-Z]{2}\p{Nd}{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![\p{L}\p{Nd}])/giu;

const month = '(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\\.?';
const shortCode = '(?:101|105|111|112|119|159|999|7726|18000|18001)';
const dialling =
  'dial(?:l?ed|ling)?|ring|rang|rung|call(?:ed|ing)?|phon(?:e|ed|ing)|(?:text|forward|report|sen[dt])(?:ed)?(?: \\w+)? to';

/** Numbers that are no secret: amounts, dates, times, numbers to dial, and crime numbers of a police force. */
export const harmless: readonly RegExp[] = [
  /[£$€] ?(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,7})(?:\.\d\d)?(?![\p{Nd}]|[ -]\p{Nd}{3})/giu,
  /(?<![\p{Nd},.])(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,6})(?:\.\d\d)? ?(?:pounds?|quid|pence|euros?|gbp)\b/giu,
  /(?<![\p{Nd}/.-])(?:0?[1-9]|[12]\d|3[01])([/.])(?:0?[1-9]|1[0-2])\1(?:(?:19|20)\d\d|\d\d)(?![/.-]?\p{Nd})/gu,
  /(?<![\p{Nd}/.-])(?:0?[1-9]|[12]\d|3[01])-(?:0?[1-9]|1[0-2])-(?:19|20)\d\d(?![/.-]?\p{Nd})/gu,
  /(?<![\p{Nd}/.-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![/.-]?\p{Nd})/gu,
  new RegExp(
    `(?<!\\p{Nd})(?:\\d{1,2}(?:st|nd|rd|th)? )?\\b${month} (?:\\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\\d\\d(?![ -]?\\p{Nd})`,
    'giu',
  ),
  /(?<![\p{Nd}:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![:\p{Nd}])/gu,
  /(?<![\p{Nd}.])(?:[01]?\d|2[0-3])\.[0-5]\d ?[ap]\.?m\b/giu,
  /(?<!\p{Nd}|\p{Nd}[^\p{L}\p{Nd}]{1,2})(?:101|105|111|112|159|999)(?!\p{Nd}|[^\p{L}\p{Nd}]{1,2}\p{Nd})/gu,
  new RegExp(
    `(?<=\\b(?:${dialling})[\\s:"'“‘]+)${shortCode}(?:(?:, ?| or | and | then )${shortCode})*(?![ -]?\\p{Nd})`,
    'giu',
  ),
  /(?<![\p{Nd}/])\d\d\/\d{3,6}\/\d\d(?![/\p{Nd}])/gu,
];

/** Right before a number these say that it is one which the police, a bank or a shop gave to the report. */
export const referenceBefore =
  /(?<!\b(?:account|card|sort|pin)s? )\b(?:ref(?:erence)?|cad|crn|urn|nfrc|log|case|incident|report|crime|ticket|collar|badge|warrant|complaint)\b(?: (?:no|number|ref(?:erence)?|id)\b)?[\s.:#/-]*(?:(?:is|was|number)\b)?[\s.:#]*(?:\p{L}{1,6}[\s/-]?)?$/iu;
