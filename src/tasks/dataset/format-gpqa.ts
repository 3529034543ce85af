/** GPQA's rows: four columns of options, shown in an order that depends on the seed and the problem alone. */
import { createHash } from 'node:crypto';
import { shuffleOptions } from '../../verify/choice-shuffle.ts';
import type { AssembleContext, Assembled } from './format.ts';
import { type Cells, textOf } from './row.ts';

const OPTIONS = ['Correct Answer', 'Incorrect Answer 1', 'Incorrect Answer 2', 'Incorrect Answer 3'] as const;

export function gpqaRow(cells: Cells, { seed }: AssembleContext): Assembled {
  const [question, ...texts] = ['Question', ...OPTIONS].map((column) => textOf(cells[column]));
  const options: string[] = [];
  for (const [i, text] of texts.entries()) {
    if (text === '') return { fault: `${OPTIONS[i]} is empty` };
    options.push(text);
  }
  if (question === undefined || question === '') return { fault: 'Question is empty' };
  const id = createHash('sha256')
    .update(JSON.stringify([question, ...options]))
    .digest('hex');
  const shown = shuffleOptions({ options, seed, id });
  const lines = shown.options.map((option, place) => `${String.fromCharCode(65 + place)}) ${option}`);
  return {
    problem: [question, '', ...lines].join('\n'),
    gold: { letter: shown.letterOf(0), options: shown.options, order: shown.order },
    meta: {
      optionOrder: shown.order,
      recordId: textOf(cells['Record ID']),
      domain: textOf(cells['High-level domain']),
    },
  };
}
