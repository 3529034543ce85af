/**
 * AdamW's settings where the engine does not take all of them. A default yields to the engine, and that is said; another value was somebody's
 * wish and is refused (`requirements.ts`), so that a run file moves to another engine by one line and nothing is ignored in silence.
 */
import { z } from 'zod';
import { adamConflicts } from '../engine/checks.ts';
import type { AdamW, Capabilities } from '../engine/engine.ts';
import { adamFields } from './config.ts';

export type AdamSettings = Omit<AdamW, 'learningRate'>;

export interface AdamConflict {
  readonly name: keyof AdamSettings;
  readonly asked: number;
  readonly fixed: number;
}

const DEFAULTS: AdamSettings = z.object(adamFields).parse({});

function conflicts(settings: AdamSettings, { fixedAdam }: Pick<Capabilities, 'fixedAdam'>): AdamConflict[] {
  const found = adamConflicts({ ...settings, learningRate: 0 }, fixedAdam);
  return [...found].flatMap(([name, values]) => (name === 'learningRate' ? [] : [{ name, ...values }]));
}

const isDefault = ({ name, asked }: AdamConflict): boolean => asked === DEFAULTS[name];

/** Defaults in whose place the engine uses its own values. */
export function yieldedDefaults(settings: AdamSettings, capabilities: Pick<Capabilities, 'fixedAdam'>): AdamConflict[] {
  return conflicts(settings, capabilities).filter(isDefault);
}

/** Values that were chosen and that the engine does not take. */
export function refusedChoices(settings: AdamSettings, capabilities: Pick<Capabilities, 'fixedAdam'>): AdamConflict[] {
  return conflicts(settings, capabilities).filter((conflict) => !isDefault(conflict));
}

/** The settings as the engine uses them: maxGradNorm 1 (the default) on an engine that never clips -> 0. */
export function adamFor<Settings extends AdamSettings>(
  settings: Settings,
  capabilities: Pick<Capabilities, 'fixedAdam'>,
): Settings {
  const fixed = yieldedDefaults(settings, capabilities).map(({ name, fixed }) => [name, fixed]);
  return { ...settings, ...Object.fromEntries(fixed) };
}

/** For people and the journal: `training.maxGradNorm is 0 with this engine, which takes no other value (the default is 1)`. */
export function yieldNotes(settings: AdamSettings, capabilities: Pick<Capabilities, 'fixedAdam'>): string[] {
  return yieldedDefaults(settings, capabilities).map(
    ({ name, asked, fixed }) =>
      `training.${name} is ${fixed} with this engine, which takes no other value (the default is ${asked})`,
  );
}
