/**
 * What every engine refuses before it works: one wording for all of them. Pure; knows no engine.
 */
import type { Datum, Loss } from '../core/datum.ts';
import { UserError } from '../core/errors.ts';
import type { AdamW, Capabilities, ForwardOptions, SampleRequest } from './engine.ts';

/** @throws UserError when the request cannot be served as written. */
export function checkSampleRequest(request: SampleRequest, capabilities: Capabilities): void {
  const { prompt, count, maxTokens, temperature, topK = 0, topP = 1 } = request;
  const { maxContext, vocabularySize, filteredSampling } = capabilities;
  if (prompt.length === 0) throw new UserError('the prompt is empty; at least one token is needed to predict the next');
  demand(isCount(count), 'count must be a positive integer', count);
  demand(isCount(maxTokens), 'maxTokens must be a positive integer', maxTokens);
  demand(
    temperature === 0 || isTemperature(temperature),
    `temperature must be 0 (argmax) or at least ${COLDEST}`,
    temperature,
  );
  demand(Number.isInteger(topK) && topK >= 0, 'topK must be an integer, 0 for all tokens', topK);
  demand(topP > 0 && topP <= 1, 'topP must be in (0, 1], 1 for all tokens', topP);
  if (!filteredSampling && (topK > 0 || topP < 1)) {
    throw new UserError(`this engine cannot restrict sampling (topK ${topK}, topP ${topP}); leave both out`);
  }
  if (prompt.length + maxTokens > maxContext) {
    throw new UserError(
      `the prompt (${prompt.length} tokens) and maxTokens (${maxTokens}) exceed the context of ${maxContext} tokens; ` +
        'shorten the prompt or lower maxTokens',
    );
  }
  checkTokens('prompt', prompt, vocabularySize);
}

/** @throws UserError when a datum is malformed, too long, or speaks of tokens that do not exist. */
export function checkData(data: readonly Datum[], capabilities: Capabilities): void {
  const { maxContext, vocabularySize } = capabilities;
  for (const [d, datum] of data.entries()) {
    const length = datum.input.length;
    for (const field of ['target', 'mask', 'weight', 'samplingLogprob'] as const) {
      if (datum[field].length !== length) {
        throw new UserError(`datum ${d}: ${field} has ${datum[field].length} positions, input has ${length}`);
      }
    }
    if (length > maxContext) {
      throw new UserError(
        `datum ${d}: ${length} tokens exceed the context of ${maxContext} tokens; train on shorter sequences`,
      );
    }
    checkTokens(`datum ${d}: input`, datum.input, vocabularySize);
    checkTokens(`datum ${d}: target`, datum.target, vocabularySize);
  }
}

/** @throws UserError when bounds or temperature make no sense, or the engine lacks tempered log-probabilities. */
export function checkForward(options: ForwardOptions, capabilities: Capabilities, loss?: Loss): void {
  const temperature = options.temperature ?? 1;
  demand(isTemperature(temperature), `the temperature of a forward pass must be at least ${COLDEST}`, temperature);
  if (temperature !== 1 && !capabilities.temperature) {
    throw new UserError(`this engine gives log-probabilities at temperature 1 only, got ${temperature}`);
  }
  if (loss?.kind !== 'ppo' && loss?.kind !== 'cispo') return;
  demand(loss.ratioMin >= 0, 'ratioMin is an absolute ratio of at least 0, e.g. 0.8', loss.ratioMin);
  demand(loss.ratioMax >= loss.ratioMin, `ratioMax must be at least ratioMin (${loss.ratioMin})`, loss.ratioMax);
  if (loss.kind === 'ppo' && loss.dualClip !== undefined) {
    demand(loss.dualClip >= 1, 'dualClip is a ratio of at least 1, e.g. 3', loss.dualClip);
  }
}

/** @throws UserError naming the setting. @param fixed settings that the engine does not take, see `Capabilities` */
export function checkAdamW(adam: AdamW, { fixedAdam = {} }: Pick<Capabilities, 'fixedAdam'> = {}): void {
  const isAmount = (value: number) => Number.isFinite(value) && value >= 0;
  demand(isAmount(adam.learningRate), 'learningRate must be at least 0', adam.learningRate);
  demand(adam.beta1 >= 0 && adam.beta1 < 1, 'beta1 must be in [0, 1)', adam.beta1);
  demand(adam.beta2 >= 0 && adam.beta2 < 1, 'beta2 must be in [0, 1)', adam.beta2);
  demand(Number.isFinite(adam.epsilon) && adam.epsilon > 0, 'epsilon must be positive', adam.epsilon);
  demand(isAmount(adam.weightDecay), 'weightDecay must be at least 0', adam.weightDecay);
  demand(isAmount(adam.maxGradNorm), 'maxGradNorm must be at least 0 (0: no clipping)', adam.maxGradNorm);
  for (const [name, { asked, fixed }] of adamConflicts(adam, fixedAdam))
    throw new UserError(`${name} must be ${fixed} with this engine, which takes no other value, got ${asked}`);
}

/** Settings asked for that the engine does not take. */
export function adamConflicts(
  adam: AdamW,
  fixedAdam: NonNullable<Capabilities['fixedAdam']> = {},
): Map<keyof AdamW, { readonly asked: number; readonly fixed: number }> {
  const names = Object.keys(fixedAdam) as (keyof AdamW)[];
  const found = new Map<keyof AdamW, { readonly asked: number; readonly fixed: number }>();
  for (const name of names) {
    const fixed = fixedAdam[name];
    if (fixed !== undefined && fixed !== adam[name]) found.set(name, { asked: adam[name], fixed });
  }
  return found;
}

function checkTokens(where: string, tokens: Int32Array, vocabularySize: number): void {
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token < 0 || token >= vocabularySize) {
      throw new UserError(
        `${where}[${i}] is token ${token}, but the vocabulary ends at ${vocabularySize - 1}; use the tokenizer of this policy`,
      );
    }
  }
}

/** Colder, logits divided by it leave float32, and nothing but the argmax is left to draw. */
export const COLDEST = 1e-4;

function isTemperature(value: number): boolean {
  return Number.isFinite(value) && value >= COLDEST;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function demand(holds: boolean, rule: string, value: number): void {
  if (!holds) throw new UserError(`${rule}, got ${value}`);
}
