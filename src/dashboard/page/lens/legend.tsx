/** The scale of the colours, and how many tokens have each. Choosing one leaves only its tokens coloured. */
import { counted } from '../format.ts';
import type { Scale, Tone } from './scale.ts';

interface LegendProps {
  readonly scale: Scale;
  /** The one tone that is shown; undefined: all. */
  readonly only: Tone;
  readonly onOnly: (tone: Tone) => void;
}

export function Legend({ scale, only, onOnly }: LegendProps) {
  return (
    <div class="legend">
      <span class="legend-title">{scale.title}</span>
      <div class="legend-scale">
        {scale.legend.map(({ tone, label, tokens }) => (
          <button
            key={label}
            type="button"
            class="legend-entry"
            aria-pressed={only === tone}
            title={`${counted(tokens, 'token')}: show these alone`}
            onClick={() => onOnly(only === tone ? undefined : tone)}
          >
            <span class={`swatch ${tone ?? ''}`}>{tokens === 0 ? '' : tokens}</span>
            <span class="legend-label">{label}</span>
          </button>
        ))}
      </div>
      {scale.note !== '' && (
        <p class="legend-note" role="note">
          {scale.note}
        </p>
      )}
    </div>
  );
}
