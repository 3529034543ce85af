/** A verdict in one glance: by colour, by sign and by word, so that none of them is needed. */
import type { Outcome } from '../../api.ts';

const SIGNS: Readonly<Record<Outcome, string>> = { correct: '✓', incorrect: '✕', unknown: '?' };

export function VerdictMark({ outcome, isShort = false }: { readonly outcome: Outcome; readonly isShort?: boolean }) {
  return (
    <span class={`outcome outcome-${outcome}`} title={isShort ? outcome : undefined}>
      <span aria-hidden="true">{SIGNS[outcome]}</span>
      <span class={isShort ? 'only-read' : undefined}> {outcome}</span>
    </span>
  );
}
