import { fileURLToPath } from 'node:url';

/** The committed prompts, as an absolute folder; Asterisk plays them from there. */
export const promptsFolder = fileURLToPath(new URL('../dialplan/sounds/en_GB', import.meta.url));
