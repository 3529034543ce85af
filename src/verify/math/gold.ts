/**
 * Golds as datasets have them, read once: `\frac{1}{2}`, `$x=3$`, `073`, or a whole solution whose last box or
 * last line `#### 18` counts.
 */
import { Budget, BudgetExceeded } from '../budget.ts';
import { extractAnswers } from '../extract.ts';
import type { Expression } from './expression.ts';
import { type Readings, readings } from './readings.ts';

export type Gold = Readings & { readonly text: string };

interface ReadGold {
  readonly gold: Gold;
  readonly steps: number;
}

/** Golds kept, at most: a group verifies its completions against one. */
const MAX_KEPT = 512;
/** A gold that costs more is refused, whatever a verdict may cost. */
const MAX_STEPS = 10_000_000;

const kept = new Map<string, ReadGold>();

/** The answer in a gold: what its last box holds, what its last line `#### 18` says, or all of it. */
export function goldText(gold: string): string {
  const anchor = /\\f?box(ed)?\b/.test(gold) ? 'boxed' : /^#### /m.test(gold) ? '####' : undefined;
  if (!anchor) return gold.trim();
  return extractAnswers(gold, { anchors: [anchor] })[0]?.text ?? gold.trim();
}

/** Several golds are one list. Reading is charged as if it were done each time. @throws BudgetExceeded */
export function readGold(golds: readonly string[], budget: Budget): Gold {
  const key = JSON.stringify(golds);
  let found = kept.get(key);
  if (found) kept.delete(key);
  else {
    const own = new Budget(MAX_STEPS);
    found = { gold: read(golds, own), steps: own.spent };
  }
  kept.set(key, found);
  if (kept.size > MAX_KEPT)
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  budget.spend(found.steps);
  return found.gold;
}

function read(golds: readonly string[], budget: Budget): Gold {
  const texts = golds.map(goldText);
  const text = texts.join(', ');
  try {
    const parts = texts.map((each) => readings(each, budget));
    const failed = parts.find((part) => !part.ok);
    if (failed) return { ...failed, text };
    const [only] = parts;
    if (parts.length === 1 && only) return { ...only, text };
    const elements = parts.flatMap((part) => (part.ok ? flat(part.expressions[0]) : []));
    return { ok: true, expressions: [{ kind: 'list', elements }], text };
  } catch (error) {
    if (error instanceof BudgetExceeded) return { ok: false, reason: error.message, text };
    throw error;
  }
}

function flat(e: Expression | undefined): readonly Expression[] {
  if (!e) return [];
  return e.kind === 'list' ? e.elements : [e];
}
