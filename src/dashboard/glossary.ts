/** What the metrics mean, as the page is told. */
import type { GlossaryReply } from './api.ts';

export const glossary: GlossaryReply = {};
