/** Other runs drawn over the one shown: which there are, and a way to compare them properly. */
import { changeQuery, compareHref, listOf, type Query } from './router.ts';
import { useRuns } from './runs.ts';

export function OverlayPicker({ run, query }: { readonly run: string; readonly query: Query }) {
  const others = (useRuns().value?.runs ?? []).map((each) => each.run).filter((name) => name !== run);
  const chosen = listOf(query['with']);
  const left = others.filter((name) => !chosen.includes(name));
  const choose = (names: readonly string[]): void => changeQuery({ with: names.join(',') });
  if (others.length === 0 && chosen.length === 0) return null;
  return (
    <div class="overlays">
      {chosen.map((name) => (
        <span class="chip" key={name}>
          {name}
          <button
            type="button"
            class="bare"
            aria-label={`Take ${name} away`}
            onClick={() => choose(chosen.filter((each) => each !== name))}
          >
            ×
          </button>
        </span>
      ))}
      {left.length > 0 && (
        <select
          aria-label="Draw another run over this one"
          value=""
          onChange={(event) => {
            choose([...chosen, event.currentTarget.value]);
            event.currentTarget.value = '';
          }}
        >
          <option value="">Overlay a run…</option>
          {left.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      {chosen.length > 0 && <a href={compareHref([run, ...chosen])}>Compare them</a>}
    </div>
  );
}
