/**
 * The token lens: a completion with each token coloured by one of its numbers, the verdict beside it, and what is known of the token
 * pointed at. Wide, it has two columns; narrow (beside a list), one.
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { RolloutDetail } from '../../api.ts';
import { useKeys } from '../keys.ts';
import { changeQuery, type Query } from '../router.ts';
import { Inspector, Ladder } from './inspector.tsx';
import { Legend } from './legend.tsx';
import { Prompt } from './prompt.tsx';
import { type Colouring, colourings, scaleOf, type Tone } from './scale.ts';
import { Siblings } from './siblings.tsx';
import { TokenText } from './token-text.tsx';
import { marksOf, tokenTexts } from './token-view.ts';
import { Verdict } from './verdict.tsx';

const NAMES: Readonly<Record<Colouring, string>> = {
  probability: 'probability',
  entropy: 'entropy',
  advantage: 'advantage',
  rules: 'rules',
  change: 'change by update',
};

interface LensProps {
  readonly rollout: RolloutDetail;
  readonly query: Query;
  /** Of the same view, showing another rollout of the group. */
  readonly hrefOf: (row: number) => string;
}

export function Lens({ rollout, query, hrefOf }: LensProps) {
  const colouring = colouringOf(query, rollout);
  const [only, setOnly] = useState<Tone>(undefined);
  const [cursor, setCursor] = useState(0);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  useEffect(() => {
    setCursor(0);
    setPointed(undefined);
  }, [rollout]);
  useEffect(() => setOnly(undefined), [colouring, rollout]);

  const search = query['text'] ?? '';
  const tokens = useMemo(() => tokenTexts(rollout), [rollout]);
  const marks = useMemo(() => marksOf(rollout, search), [rollout, search]);
  const scale = useMemo(() => scaleOf(colouring, rollout), [colouring, rollout]);
  const tones = useMemo(
    () => (only === undefined ? scale.tones : scale.tones.map((tone) => (tone === only ? tone : undefined))),
    [scale, only],
  );
  const shown = Math.min(pointed ?? cursor, rollout.tokens.ids.length - 1);
  const choose = (next: Colouring): void => changeQuery({ colour: next });
  useKeys(
    'Token lens',
    colourings.map((each, i) => ({
      keys: [String(i + 1)],
      about: `colour by ${NAMES[each]}`,
      act: () => choose(each),
    })),
  );

  return (
    <div class="lens">
      <div class="lens-panes">
        <div class="lens-text">
          <div class="lens-controls">
            <fieldset class="segments">
              <legend class="only-read">Colour tokens by</legend>
              {colourings.map((each, i) => (
                <button key={each} type="button" aria-pressed={each === colouring} onClick={() => choose(each)}>
                  <kbd>{i + 1}</kbd> {NAMES[each]}
                </button>
              ))}
            </fieldset>
            <Legend scale={scale} only={only} onOnly={setOnly} />
          </div>
          <Prompt prompt={rollout.prompt} tokens={rollout.promptTokens} />
          {rollout.tokenNote !== null && <p class="legend-note">{rollout.tokenNote}</p>}
          <TokenText
            key={`${rollout.step}.${rollout.row}`}
            tokens={tokens}
            tones={tones}
            marks={marks}
            cursor={cursor}
            onCursor={(token) => {
              setCursor(token);
              setPointed(undefined);
            }}
            onPoint={setPointed}
          />
          <Siblings siblings={rollout.siblings} row={rollout.row} hrefOf={hrefOf} />
        </div>
        <aside class="lens-side">
          <Verdict rollout={rollout} />
          <Inspector rollout={rollout} texts={tokens} token={shown} />
          <Ladder rollout={rollout} token={shown} />
        </aside>
      </div>
    </div>
  );
}

/** What the address says; else advantages, which rollouts that were trained on have. */
function colouringOf({ colour }: Query, { tokens }: RolloutDetail): Colouring {
  return colourings.find((each) => each === colour) ?? (tokens.advantages === null ? 'probability' : 'advantage');
}
