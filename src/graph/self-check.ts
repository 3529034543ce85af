/**
 * One small model through a fresh executor, before anything depends on it: y = x + w with w a constant left out of the bytes. If a
 * place in the function table were wrong, this is where it shows.
 */
import { EngineError } from '../core/errors.ts';
import type { Executor, Tensor } from './executor.ts';

/** ModelProto, opset 17: y = Add(x, w); x, y float32[2]; w float32[2] external at `w`, offset 0, 8 bytes. */
const MODEL =
  'CAg6aQoOCgF4CgF3EgF5IgNBZGQSAWcqMggCEAFCAXdqDQoIbG9jYXRpb24SAXdqCwoGb2Zmc2V0EgEwagsKBmxlbmd0aBIBOHABWg8KAXgSCgoICAESBAoC' +
  'CAJiDwoBeRIKCggIARIECgIIAkIECgAQEUIRCg1jb20ubWljcm9zb2Z0EAE=';

/** @throws EngineError when the executor's sum is wrong. */
export async function provesItself(executor: Executor): Promise<void> {
  const pair = (a: number, b: number): Tensor => ({ type: 'float32', dims: [2], data: Float32Array.of(a, b) });
  const session = await executor.session(Buffer.from(MODEL, 'base64'), { constants: { w: pair(0.5, -4) } });
  try {
    const y = pair(0, 0);
    await session.bind({ x: pair(1, 2) }, { y }).runAsync();
    if (y.data[0] === 1.5 && y.data[1] === -2) return;
    throw new EngineError(
      `the '${executor.backend}' executor computed [1, 2] + [0.5, -4] = [${y.data.join(', ')}]; ` +
        "reinstall onnxruntime-node and koffi at the versions in package.json, or use the 'node' executor",
    );
  } finally {
    session.release();
  }
}
