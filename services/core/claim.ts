import type { ClaimedRole } from './incident/incident.ts';

/**
 * Whom a caller says to be, where the name they show says so plainly: "PC Brown, Police", "Barclays Fraud Team". British words
 * and names; what an organisation is comes before what it is called, so that "Halifax Surgery" is no bank.
 */
const claims: readonly (readonly [ClaimedRole, RegExp])[] = [
  [
    'police',
    /\b(?:police(?:man|woman|officer)?|constabulary|constable|detective|sergeant|scotland yard|fraud squad)\b/i,
  ],
  ['police', /\b(?:national crime agency|action fraud|report fraud|crime ?stoppers|counter[- ]fraud|cid)\b/i],
  // A rank before a name. As ranks are written, for Di Brown is no inspector; and PC World is a shop.
  [
    'police',
    /\b(?:PC|Pc|WPC|PCSO|DC|DS|DI|DCI|Sgt|SGT|Insp|Det)\.? (?!(?:World|WORLD|Support|SUPPORT|Help|HELP|Repair|REPAIR|Care|Fix))\p{Lu}/u,
  ],
  [
    'health-service',
    /\b(?:nhs|surgery|hospital|clinic|health centre|medical centre|doctors?|pharmacy|ambulance|test and trace)\b/i,
  ],
  ['council', /\b(?:council|borough|county hall|town hall|housing benefit)\b/i],
  [
    'tax-office',
    /\b(?:hmrc|hm ?revenue|inland revenue|tax (?:office|refund|department)|revenue (?:and|&) customs|dvla|dwp)\b/i,
  ],
  [
    'computer-support',
    /\b(?:microsoft|windows|apple (?:support|care)|(?:tech|technical|computer|pc|it) (?:support|help|repairs?|team)|norton|mcafee)\b/i,
  ],
  [
    'bank',
    /\b(?:bank|banking|building society|visa|mastercard|amex|american express|credit card|card (?:fraud|services|security))\b/i,
  ],
  [
    'bank',
    /\b(?:barclays|barclaycard|lloyds|natwest|hsbc|santander|nationwide|halifax|monzo|starling|tsb|first direct|rbs|revolut)\b/i,
  ],
  [
    'delivery-company',
    /\b(?:royal mail|parcel ?force|dpd|evri|hermes|dhl|ups|fedex|yodel|post office|courier|parcels?|delivery)\b/i,
  ],
  [
    'energy-company',
    /\b(?:british gas|edf|e\.?on|octopus|ovo|npower|scottish ?power|sse|utilita|smart meters?|energy|electricity)\b/i,
  ],
  [
    'telephone-company',
    /\b(?:bt|british telecom|openreach|virgin media|talk ?talk|vodafone|plusnet|sky broadband|broadband|telecoms?)\b/i,
  ],
  [
    'retailer',
    /\b(?:amazon|e-?bay|argos|tesco|sainsbury'?s|asda|john lewis|currys|pc world|marks (?:and|&) spencer|paypal)\b/i,
  ],
  ['relative', /\b(?:(?:grand)?(?:son|daughter)|nephew|niece|mum|dad|grandad|grandma|granny)\b/i],
];

/** The role that a shown name claims; null where it claims none in plain words. */
export function claimOf(name: string | null): ClaimedRole | null {
  const shown = (name ?? '').normalize('NFKC');
  return claims.find(([, words]) => words.test(shown))?.[0] ?? null;
}
