/**
 * One rollout for the token lens: what is on file, the text of each token, its group, and the stages of its advantage.
 *
 * Dimensions: T completion tokens.
 */
import type { Evidence } from '../core/rollout.ts';
import type { RolloutRow } from '../journal/rollout-file.ts';
import type { RunManifest } from '../journal/schema.ts';
import type { RolloutDetail, SiblingSummary, TokenColumns } from './api.ts';
import { refusal } from './refusal.ts';
import type { OneRollout } from './rollout-source.ts';
import { type StepContext, workOut } from './stages.ts';
import { startsOf } from './token-texts.ts';

const SIBLING_TEXT = 2000;

export interface DetailContext extends StepContext {
  readonly manifest: RunManifest | null;
}

export async function rolloutDetail({ rules, at, group }: OneRollout, context: DetailContext): Promise<RolloutDetail> {
  const row = group[at];
  if (row === undefined) throw refusal('not-found', 'the file has no such rollout');
  const { verdict, completion } = row;
  const { starts, note } = await startsOf(row.tokens, completion, context);
  const worked = workOut(group, context);
  const isWorked = 'stages' in worked;
  return {
    step: row.step,
    row: row.row,
    group: row.group,
    index: row.index,
    problemId: row.problemId,
    policyVersion: row.policyVersion,
    truncated: row.stopReason === 'length',
    prompt: row.prompt,
    completion,
    promptTokens: row.promptTokens.length,
    ...verdictOf(row),
    explanation: verdict.explanation,
    evidence: evidenceOf(verdict.evidence),
    rules,
    tokens: columnsOf(row, starts, isWorked ? worked.baseAdvantages[at] : undefined),
    tokenNote: note,
    siblings: group.map(siblingOf),
    stages: isWorked ? worked.stages : null,
    stagesNote: isWorked ? null : worked.note,
  };
}

const verdictOf = ({ verdict }: RolloutRow): Pick<RolloutDetail, 'outcome' | 'reward' | 'reason'> =>
  verdict.outcome === 'unknown'
    ? { outcome: 'unknown', reward: null, reason: verdict.reason }
    : { outcome: verdict.outcome, reward: verdict.reward, reason: null };

function evidenceOf(evidence: Evidence | undefined): RolloutDetail['evidence'] {
  if (evidence === undefined) return null;
  const { extracted, goldForm, answerForm, rule, steps } = evidence;
  return {
    extracted: extracted ?? null,
    goldForm: goldForm ?? null,
    answerForm: answerForm ?? null,
    rule: rule ?? null,
    steps: steps ?? null,
  };
}

/** JSON has no NaN: a number that is none is null. Seven digits are what 32 bits hold; more would be half of the reply. */
const numbers = (values: Float32Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : null));

const numbersOrNone = (values: Float32Array | undefined): (number | null)[] | null =>
  values === undefined || values.length === 0 ? null : numbers(values);

function columnsOf(row: RolloutRow, starts: TokenColumns['starts'], base: Float32Array | undefined): TokenColumns {
  const isTrained = row.advantages.length > 0;
  return {
    ids: Array.from(row.tokens),
    starts,
    logprobs: numbers(row.logprobs),
    entropies: numbersOrNone(row.entropies),
    advantages: numbersOrNone(row.advantages),
    baseAdvantages: isTrained ? numbersOrNone(base) : null,
    rules: isTrained ? Array.from(row.rules) : null,
    logprobChanges: numbersOrNone(row.logprobChanges),
  };
}

function siblingOf(row: OneRollout['group'][number]): SiblingSummary {
  const { outcome, reward } = verdictOf(row);
  const { advantages } = row;
  const mean = advantages.reduce((sum, value) => sum + value, 0) / advantages.length;
  return {
    row: row.row,
    index: row.index,
    outcome,
    reward,
    tokens: row.tokens.length,
    truncated: row.stopReason === 'length',
    completion: row.completion.slice(0, SIBLING_TEXT),
    meanAdvantage: Number.isFinite(mean) ? mean : null,
  };
}
