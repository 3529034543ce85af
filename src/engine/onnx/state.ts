/**
 * An engine's state on disk: `model.safetensors` (weights by their Hugging Face names), `optimizer.safetensors` (both moments of each)
 * and `engine.json` (policy version). Written whole or not at all by whoever owns the directory (a checkpoint is renamed into place).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../core/durable-file.ts';
import { EngineError } from '../../core/errors.ts';
import { type ParameterLayout, view } from '../../model/parameters.ts';
import { readSafetensors, writeSafetensors } from '../../model/safetensors.ts';

const WEIGHTS = 'model.safetensors';
const OPTIMIZER = 'optimizer.safetensors';
const ENGINE = 'engine.json';
const HEAD = 'lm_head.weight';

const engineJson = z.object({ format: z.literal('polarity-engine/1'), policyVersion: z.number().int().min(0) });

/** Flat buffers laid out by `parameterLayout`. */
export interface Buffers {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/** @throws EngineError when a weight is not finite: such a file could not be read back. */
export async function writeWeights(
  directory: string,
  layout: ParameterLayout,
  parameters: Float32Array,
): Promise<void> {
  if (!areFinite(parameters))
    throw new EngineError(
      `the weights contain NaN or infinity and are not written to ${directory}; go on from an earlier checkpoint with a lower learning rate`,
    );
  const tensors = layout.tensors.map((slot) => ({
    name: layout.checkpointNames.get(slot.name)!,
    dtype: 'F32' as const,
    shape: slot.shape,
    data: view(parameters, slot),
  }));
  await writeSafetensors(join(directory, WEIGHTS), tensors, { format: 'pt' });
}

export async function writeState(
  directory: string,
  layout: ParameterLayout,
  buffers: Buffers,
  policyVersion: number,
): Promise<void> {
  await writeWeights(directory, layout, buffers.parameters);
  const moments = layout.tensors.flatMap((slot) => {
    const name = layout.checkpointNames.get(slot.name)!;
    const moment = (kind: string, flat: Float32Array) => ({
      name: `${kind}.${name}`,
      dtype: 'F32' as const,
      shape: slot.shape,
      data: view(flat, slot),
    });
    return [moment('first', buffers.firstMoment), moment('second', buffers.secondMoment)];
  });
  await writeSafetensors(join(directory, OPTIMIZER), moments, {});
  await writeDurably(join(directory, ENGINE), `${JSON.stringify({ format: 'polarity-engine/1', policyVersion })}\n`);
}

/** Tensors of a file that fit a layout: nothing is read and no memory taken until `into` is called. */
interface FittingTensors {
  /** Fills flat buffers by prefix. @throws EngineError when a value is not finite, or the disk fails. */
  into(targets: Readonly<Record<string, Float32Array>>): Promise<void>;
}

/** Saved by some tools beside the weights; computed here. */
const DERIVED = /\.rotary_emb\.inv_freq$/;

/**
 * The tensors `<prefix><checkpoint name>` of a file, for each prefix; shapes are those of the layout and none is left over: a bias
 * that the configuration does not know of would silently be another model.
 * @throws EngineError naming file and tensor.
 */
async function fittingTensors(
  path: string,
  layout: ParameterLayout,
  prefixes: readonly string[],
): Promise<FittingTensors> {
  const { tensors } = await readSafetensors(path);
  const unknown = new Set([...tensors.keys()].filter((name) => !DERIVED.test(name)));
  const found = layout.tensors.flatMap((slot) =>
    prefixes.map((prefix) => {
      const name = prefix + layout.checkpointNames.get(slot.name)!;
      const tensor = tensors.get(name);
      if (!tensor)
        throw new EngineError(`${path}: tensor ${name} is missing: is this the checkpoint of another model?`);
      if (tensor.shape.join() !== slot.shape.join())
        throw new EngineError(
          `${path}: tensor ${name} has shape [${tensor.shape}], config.json asks for [${slot.shape}]`,
        );
      unknown.delete(name);
      return { name, prefix, slot, tensor };
    }),
  );
  // a tied head may be stored a second time
  if (!layout.checkpointNames.has('head')) unknown.delete(HEAD);
  const [stranger] = unknown;
  if (stranger !== undefined)
    throw new EngineError(
      `${path}: tensor ${stranger} has no place in the model that config.json describes: is it another model's?`,
    );
  return {
    into: async (targets) => {
      for (const { name, prefix, slot, tensor } of found)
        if (!areFinite(await tensor.readFloat32(view(targets[prefix]!, slot))))
          throw new EngineError(`${path}: tensor ${name} contains NaN or infinity: use an earlier checkpoint`);
    },
  };
}

/** Whether every value is a finite number. A loop: half a billion callbacks take seconds. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** A model folder's weights, checked against the layout. */
export async function openWeights(directory: string, layout: ParameterLayout) {
  const tensors = await fittingTensors(join(directory, WEIGHTS), layout, ['']);
  return { into: (parameters: Float32Array) => tensors.into({ '': parameters }) };
}

/** Fills the buffers only when every file is sound; the policy version. */
export async function readState(directory: string, layout: ParameterLayout, buffers: Buffers): Promise<number> {
  const weights = await openWeights(directory, layout);
  const moments = await fittingTensors(join(directory, OPTIMIZER), layout, ['first.', 'second.']);
  const policyVersion = await readVersion(join(directory, ENGINE));
  const fresh = () => new Float32Array(layout.length);
  const [parameters, firstMoment, secondMoment] = [fresh(), fresh(), fresh()];
  await weights.into(parameters);
  await moments.into({ 'first.': firstMoment, 'second.': secondMoment });
  buffers.parameters.set(parameters);
  buffers.firstMoment.set(firstMoment);
  buffers.secondMoment.set(secondMoment);
  return policyVersion;
}

async function readVersion(path: string): Promise<number> {
  try {
    return engineJson.parse(JSON.parse(await readFile(path, 'utf8'))).policyVersion;
  } catch (cause) {
    throw new EngineError(`${path} is missing or damaged: use an earlier checkpoint`, { cause });
  }
}
