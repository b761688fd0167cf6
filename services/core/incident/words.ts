import type {
  ActionKind,
  ClaimedRole,
  DetailKind,
  Incident,
  IncidentDetails,
  IncidentOutcome,
  Pretext,
  Rule,
} from './incident.ts';

/** The words staff and the police read for what an incident names. */

export const incidentOutcomeWords: Record<IncidentOutcome, string> = {
  'not-answered': 'not answered',
  realised: 'answered; realised it was false, no details passed',
  'details-disclosed': 'details disclosed',
  agreed: 'card or cash agreed',
  'courier-attended': 'a courier came',
  'handed-over': 'card or cash handed over',
  'money-withdrawn': 'money withdrawn',
};
export const outcomeUnknown = 'not known yet';

/** As the head of a column. */
export const incidentOutcomeHeads: Record<IncidentOutcome, string> = {
  'not-answered': 'NOT ANSWERED',
  realised: 'REALISED',
  'details-disclosed': 'DETAILS',
  agreed: 'AGREED',
  'courier-attended': 'COURIER',
  'handed-over': 'HANDED OVER',
  'money-withdrawn': 'WITHDRAWN',
};

export const statusWords: Record<Incident['status'], string> = {
  open: 'open',
  closed: 'closed',
  mistaken: 'a mistake: it was no fraud, and counts nowhere',
};

export const openedForWords: Record<Incident['openedFor'], string> = {
  reported: 'the resident reported the call',
  'ghost-dial': 'a safe number was dialled while the caller was still on the line',
  'fake-dial-tone': 'the caller played a dial tone',
  'returned-call': 'the caller posed as a call returned',
  staff: 'staff opened it',
};

export const roleWords: Record<ClaimedRole, string> = {
  police: 'the police',
  bank: 'a bank',
  'tax-office': 'the tax office',
  'telephone-company': 'a telephone company',
  'energy-company': 'an energy company',
  retailer: 'a shop',
  'delivery-company': 'a delivery company',
  'computer-support': 'computer support',
  council: 'the council',
  'health-service': 'the health service',
  relative: 'a relative',
  other: 'somebody else',
};

export const pretextWords: Record<Pretext, string> = {
  'account-compromised': 'an account is compromised',
  'card-misused': 'a card was misused',
  'relative-arrested': 'a relative was arrested',
  investigation: 'help with an investigation',
  refund: 'a refund',
  debt: 'a debt',
  virus: 'a virus on the computer',
  parcel: 'a parcel',
  investment: 'an investment',
  prize: 'a prize',
  other: 'another',
};

export const ruleWords: Record<Rule, string> = {
  'asks-for-details': 'asked for bank details or a PIN',
  'asks-to-withdraw': 'asked to withdraw money and hand it over',
  'asks-to-send': 'asked for cards or property to be sent',
};

export const detailWords: Record<DetailKind, string> = {
  name: 'name',
  address: 'address',
  'date-of-birth': 'date of birth',
  'bank-name': 'name of the bank',
  'account-number': 'account number',
  'card-number': 'card number',
  'security-code': 'security code',
  pin: 'PIN',
  password: 'password',
  'one-time-code': 'one-time code',
  'remote-access': 'remote access to a computer',
  card: 'the card itself',
  cash: 'cash',
  'gold-or-goods': 'gold or goods',
  transfer: 'a transfer',
};

export const actionWords: Record<ActionKind, string> = {
  '999': 'rang 999',
  '101': 'rang 101',
  'report-fraud': 'told Report Fraud',
  '7726': 'sent the number to 7726',
  bank: 'told the bank',
  family: 'told the family',
  safeguarding: 'told safeguarding',
  'number-blocked': 'blocked the number',
  other: 'something else',
};

export const endedByWords: Record<NonNullable<IncidentDetails['endedBy']>, string> = {
  resident: 'the resident',
  caller: 'the caller',
  staff: 'the staff',
  clearline: 'Clearline',
  other: 'somebody else',
};

/** Pence as pounds: "£1,234.50". */
export function tellPence(pence: number): string {
  return new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' }).format(pence / 100);
}
