/** Finds the program in a completion: its last complete fenced block of the language, else its last block that names none. */
import type { Evidence } from '../../core/rollout.ts';

type Extracted = NonNullable<Evidence['extracted']>;

const NAMES = {
  python: new Set(['python', 'python3', 'py']),
  javascript: new Set(['javascript', 'js', 'node', 'mjs']),
} as const;

interface Block {
  readonly language: string;
  readonly start: number;
  readonly end: number;
}

export function extractCode(completion: string, language: keyof typeof NAMES): Extracted | undefined {
  const blocks = fencedBlocks(completion);
  const named = blocks.filter((block) => NAMES[language].has(block.language)).at(-1);
  const block = named ?? blocks.filter((candidate) => candidate.language === '').at(-1);
  if (block === undefined) return undefined;
  const anchor = named === undefined ? 'last bare block' : `last ${language} block`;
  return { text: completion.slice(block.start, block.end), start: block.start, end: block.end, anchor };
}

const FENCE = /^[ \t]{0,12}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/;

/** Blocks that are closed, by the rules of Markdown: as long a fence as opened it, alone on its line. */
function fencedBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { readonly fence: string; readonly language: string; readonly start: number } | undefined;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    const match = FENCE.exec(text.slice(at, newline < 0 ? undefined : newline).trimEnd());
    const [, fence = '', language = ''] = match ?? [];
    if (open === undefined) {
      if (fence !== '') open = { fence, language: language.toLowerCase(), start: next };
    } else if (fence.startsWith(open.fence) && language === '') {
      blocks.push({ language: open.language, start: open.start, end: at });
      open = undefined;
    } else if (fence !== '' && language !== '' && fence === open.fence) {
      // a block opened inside one that was never closed: the new one is meant
      open = { fence, language: language.toLowerCase(), start: next };
    }
    at = next;
  }
  return blocks;
}
