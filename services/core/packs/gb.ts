import type { CountryPack } from '../number.ts';

/**
 * The United Kingdom. Sources: Ofcom's National Telephone Numbering Plan (short codes, 09, 087, 118), NICC ND1016
 * (141, 1470), Relay UK (18000, 18001), stopscamsuk.org.uk (159). Report Fraud took over from Action Fraud, and its
 * number, on 4 December 2025.
 */
export const gb: CountryPack = {
  country: 'GB',
  callingCode: '44',
  internationalPrefix: '00',
  trunkPrefix: '0',
  /** Ten digits after +44, nine in a few old areas, and two older still: Childline and 0845 46 4x. */
  national: /^(?:[1-9]\d{8,9}|8001111|845464\d)$/,
  emergency: { '999': 'Emergency services', '112': 'Emergency services', '18000': 'Emergency by text relay' },
  guarded: {
    '101': 'Police',
    '111': 'NHS',
    '105': 'Power cuts',
    '159': 'Bank hotline',
    '+443001232040': 'Report Fraud',
  },
  premium: [/^\+449/, /^\+4487[123]/, /^118/],
  premiumCallers: /^\+449/,
  prefixes: ['18001', '1470', '141'],
};
