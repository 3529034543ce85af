import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createExecutor } from '../../src/graph/create-executor.ts';
import { Graph } from '../../src/graph/graph.ts';
import { encodeModel } from '../../src/graph/onnx-model.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('the native library', () => {
  it('stays loaded when its handle is garbage: calls after a collection still reach it', async () => {
    const { executor } = await createExecutor({ backend: 'auto', threads: 1 });
    const graph = new Graph();
    graph.output('y', graph.one('Neg', [graph.input('x', 'float32', [1])]));
    for (let i = 0; i < 5; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 5));
      const session = await executor.session(encodeModel(graph));
      const y = new Float32Array(1);
      const binding = session.bind(
        { x: { type: 'float32', dims: [1], data: Float32Array.of(i) } },
        { y: { type: 'float32', dims: [1], data: y } },
      );
      collectGarbage();
      await binding.runAsync();
      expect(y[0]).toBe(-i);
      session.release();
    }
    executor.close();
  });
});
