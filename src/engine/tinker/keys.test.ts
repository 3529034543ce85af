import { expect, test } from 'vitest';
import { fromWire, parsedJson, toWire } from './keys.ts';

test('names of fields change their spelling both ways, names that are data stay', () => {
  const ours = {
    modelId: 'm',
    adamParams: { beta1: 0.9, gradClipNorm: 1 },
    lossFnConfig: { clip_low_threshold: 0.8 },
    data: [{ modelInput: { chunks: [{ tokens: [1, 2] }] }, lossFnInputs: { target_tokens: { data: [2] } } }],
    userMetadata: { myKey: 1 },
  };
  const wire = {
    model_id: 'm',
    adam_params: { beta1: 0.9, grad_clip_norm: 1 },
    loss_fn_config: { clip_low_threshold: 0.8 },
    data: [{ model_input: { chunks: [{ tokens: [1, 2] }] }, loss_fn_inputs: { target_tokens: { data: [2] } } }],
    user_metadata: { myKey: 1 },
  };
  expect(toWire(ours)).toEqual(wire);
  expect(fromWire(wire)).toEqual(ours);
});

test('absent fields do not travel, nulls do', () => {
  expect(toWire({ a: undefined, bC: null })).toEqual({ b_c: null });
});

test('a body nested absurdly deep is refused instead of filling the stack', () => {
  let deep: object = {};
  for (let i = 0; i < 100_000; i++) deep = { a: deep };
  expect(() => fromWire(deep)).toThrow('nested deeper');
});

test("Python's NaN and Infinity are read as null, and only where they are values", () => {
  const read = (text: string) => parsedJson(new TextEncoder().encode(text));
  expect(read('{"a": NaN, "b": [1, -Infinity], "c": "no NaN, here"}')).toEqual({
    a: null,
    b: [1, null],
    c: 'no NaN, here',
  });
  expect(() => read('{"a": 1')).toThrow(SyntaxError);
});
