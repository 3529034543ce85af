/** The conditions of the browser. Every one is in the address at once. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RolloutSort } from '../../api.ts';
import { isCondition, type RolloutFilter, SORTS } from './filter.ts';

export type Change = (change: { readonly [Key in keyof RolloutFilter]?: RolloutFilter[Key] | undefined }) => void;

interface FilterBarProps {
  readonly filter: RolloutFilter;
  readonly onChange: Change;
}

const SORT_NAMES: Readonly<Record<RolloutSort, string>> = {
  step: 'step, first to last',
  '-step': 'step, last to first',
  reward: 'reward, lowest first',
  '-reward': 'reward, highest first',
  tokens: 'length, shortest first',
  '-tokens': 'length, longest first',
  problem: 'problem, a to z',
  '-problem': 'problem, z to a',
};

export function FilterBar({ filter, onChange }: FilterBarProps) {
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filter rollouts">
      <Field label="Search">
        <Typed
          condition="text"
          isSearch
          value={filter.text ?? ''}
          size={26}
          placeholder="completion, prompt, reason"
          onValue={(text) => onChange({ text })}
        />
      </Field>
      <Field label="Step">
        <Typed
          condition="step"
          value={filter.step ?? ''}
          size={7}
          placeholder="7 or 3-9"
          onValue={(step) => onChange({ step })}
        />
      </Field>
      <Field label="Problem">
        <Typed
          condition="problem"
          value={filter.problem ?? ''}
          size={14}
          placeholder="whole id"
          onValue={(problem) => onChange({ problem })}
        />
      </Field>
      <Choice
        label="Verdict"
        value={filter.outcome}
        names={{ correct: 'correct', incorrect: 'incorrect', unknown: 'unknown' }}
        onValue={(outcome) => onChange({ outcome })}
      />
      <Choice
        label="Polarity"
        value={filter.polarity}
        names={{ positive: 'positive', negative: 'negative' }}
        onValue={(polarity) => onChange({ polarity })}
      />
      <Field label="Reward">
        <Typed
          condition="reward"
          value={filter.reward ?? ''}
          size={7}
          placeholder="1 or 0..0.5"
          onValue={(reward) => onChange({ reward })}
        />
      </Field>
      <Field label="Tokens">
        <Typed
          condition="minTokens"
          value={filter.minTokens === undefined ? '' : String(filter.minTokens)}
          size={5}
          placeholder="least"
          isCount
          onValue={(least) => onChange({ minTokens: countOf(least) })}
        />
        <span class="quiet">–</span>
        <Typed
          condition="maxTokens"
          value={filter.maxTokens === undefined ? '' : String(filter.maxTokens)}
          size={5}
          placeholder="most"
          label="Most tokens"
          isCount
          onValue={(most) => onChange({ maxTokens: countOf(most) })}
        />
      </Field>
      <Choice
        label="Ended"
        value={filter.truncated === undefined ? undefined : filter.truncated ? 'yes' : 'no'}
        names={{ yes: 'truncated', no: 'by itself' }}
        onValue={(ended) => onChange({ truncated: ended === undefined ? undefined : ended === 'yes' })}
      />
      <Field label="Sort">
        <select
          value={filter.sort ?? 'step'}
          onChange={({ currentTarget }) => onChange({ sort: currentTarget.value as RolloutSort })}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_NAMES[sort]}
            </option>
          ))}
        </select>
      </Field>
    </form>
  );
}

const countOf = (text: string): number | undefined => (text === '' ? undefined : Number(text));

function Field({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label class="field">
      <span class="field-name">{label}</span>
      <span class="field-controls">{children}</span>
    </label>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value | undefined;
  readonly names: Readonly<Record<Value, string>>;
  readonly onValue: (value: Value | undefined) => void;
}

function Choice<Value extends string>({ label, value, names, onValue }: ChoiceProps<Value>) {
  return (
    <Field label={label}>
      <select
        value={value ?? ''}
        onChange={({ currentTarget }) => onValue((currentTarget.value || undefined) as Value)}
      >
        <option value="">any</option>
        {(Object.entries(names) as [Value, string][]).map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface TypedProps {
  readonly condition: keyof RolloutFilter;
  readonly value: string;
  readonly size: number;
  readonly placeholder: string;
  readonly onValue: (value: string) => void;
  readonly label?: string;
  readonly isCount?: boolean;
  /** The one that `/` leads to. */
  readonly isSearch?: boolean;
}

/** After the last key. */
const TYPING_MS = 250;

/** A text that takes effect when typing rests, or at once with Enter. */
function Typed({ condition, value, onValue, label, isCount = false, isSearch = false, ...rest }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const isUnderstood = isCondition(condition, typed);
  const settle = (text: string): void => {
    clearTimeout(timer.current);
    if (text !== value && isCondition(condition, text)) onValue(text);
  };
  return (
    <input
      {...rest}
      data-search={isSearch ? '' : undefined}
      type="text"
      {...(label && { 'aria-label': label })}
      inputMode={isCount ? 'numeric' : 'text'}
      spellcheck={false}
      aria-invalid={!isUnderstood}
      title={isUnderstood ? undefined : `Not a condition yet: write ${rest.placeholder}`}
      value={typed}
      onInput={({ currentTarget }) => {
        const text = currentTarget.value;
        setTyped(text);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => settle(text), TYPING_MS);
      }}
      onBlur={() => settle(typed)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle(typed);
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
