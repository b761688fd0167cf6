/** Q.850 causes by name (ITU-T Q.850, table 1). */
export const causes = {
  unallocated: 1,
  normal: 16,
  busy: 17,
  noAnswer: 19,
  absent: 20,
  rejected: 21,
  unspecified: 31,
} as const;
