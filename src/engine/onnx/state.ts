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

const engineJson = z.object({ format: z.literal('polarity-engine/1'), policyVersion: z.number().int().min(0) });

/** Flat buffers laid out by `parameterLayout`. */
export interface Buffers {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export async function writeWeights(
  directory: string,
  layout: ParameterLayout,
  parameters: Float32Array,
): Promise<void> {
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

/** Reads tensors `<prefix><checkpoint name>` into a flat buffer. @throws EngineError naming file and tensor. */
async function readInto(
  path: string,
  layout: ParameterLayout,
  targets: readonly { prefix: string; flat: Float32Array }[],
): Promise<void> {
  const { tensors } = await readSafetensors(path);
  for (const slot of layout.tensors)
    for (const { prefix, flat } of targets) {
      const name = prefix + layout.checkpointNames.get(slot.name)!;
      const tensor = tensors.get(name);
      if (!tensor)
        throw new EngineError(`${path}: tensor ${name} is missing: is this the checkpoint of another model?`);
      if (tensor.shape.join() !== slot.shape.join())
        throw new EngineError(
          `${path}: tensor ${name} has shape [${tensor.shape}], config.json asks for [${slot.shape}]`,
        );
      const values = await tensor.readFloat32(view(flat, slot));
      if (!values.every(Number.isFinite))
        throw new EngineError(`${path}: tensor ${name} contains NaN or infinity: use an earlier checkpoint`);
    }
}

export async function readWeights(path: string, layout: ParameterLayout, parameters: Float32Array): Promise<void> {
  await readInto(path, layout, [{ prefix: '', flat: parameters }]);
}

/** Fills the buffers only when every file is sound; the policy version. */
export async function readState(directory: string, layout: ParameterLayout, buffers: Buffers): Promise<number> {
  const fresh = () => new Float32Array(layout.length);
  const [parameters, firstMoment, secondMoment] = [fresh(), fresh(), fresh()];
  await readWeights(join(directory, WEIGHTS), layout, parameters);
  await readInto(join(directory, OPTIMIZER), layout, [
    { prefix: 'first.', flat: firstMoment },
    { prefix: 'second.', flat: secondMoment },
  ]);
  const policyVersion = await readVersion(join(directory, ENGINE));
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
