import { expect, test } from 'vitest';
import { claimOf } from '../../services/core/claim.ts';

/** What the shown name claims. */
test.each([
  ['PC Brown, Police', 'police'],
  ['PC Jones', 'police'],
  ['DS Patel', 'police'],
  ['Det. Insp. Hall', 'police'],
  ['HERTFORDSHIRE CONSTABULARY', 'police'],
  ['Met Police Fraud Squad', 'police'],
  ['Ｐｏｌｉｃｅ', 'police'],
  ['Police, about your bank account', 'police'],
  ['Barclays Fraud Team', 'bank'],
  ['your bank', 'bank'],
  ['Visa Security', 'bank'],
  ['Halifax', 'bank'],
  ['Halifax Surgery', 'health-service'],
  ['Watford Borough Council', 'council'],
  ['HMRC', 'tax-office'],
  ['Microsoft', 'computer-support'],
  ['PC Support', 'computer-support'],
  ['PC World', 'retailer'],
  ['Amazon Prime', 'retailer'],
  ['Openreach', 'telephone-company'],
  ['BT', 'telephone-company'],
  ['British Gas', 'energy-company'],
  ['Royal Mail', 'delivery-company'],
  ['NHS', 'health-service'],
  ['Your grandson', 'relative'],
])('%s: %s', (name, role) => {
  expect(claimOf(name)).toBe(role);
});

test.each([
  ['Anna'],
  ['Mrs Banks'],
  ['Mark Barclay'],
  ['Hudson'],
  ['Sky Brown'],
  ['Robert Bobby'],
  ['Di Brown'],
  ['01923 555001'],
  [''],
  [null],
])('%s claims nothing', (name) => {
  expect(claimOf(name)).toBeNull();
});
