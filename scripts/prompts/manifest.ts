import { z } from 'zod';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.strictObject({
  /** One voice speaks everything. */
  voice: z.string(),
  /** By prompt: what the files were made of, and the SHA-256 of each. */
  prompts: z.record(z.string(), z.strictObject({ wording: hash, wav: hash, wav16: hash })),
});

/** rendered.json: which wording each committed sound file belongs to. */
export type Manifest = z.infer<typeof manifestSchema>;

export function parseManifest(json: string): Manifest {
  return manifestSchema.parse(JSON.parse(json));
}
