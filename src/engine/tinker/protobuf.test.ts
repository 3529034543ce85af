import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromWire, toWire } from './keys.ts';
import {
  decodeForwardBackwardOutput,
  decodeForwardBackwardRequest,
  decodeSampleResponse,
  encodeForwardBackwardOutput,
  encodeForwardBackwardRequest,
  encodeSampleResponse,
} from './protobuf.ts';
import {
  decodeForwardBackward,
  decodeSample,
  type ForwardBackwardOutput,
  type ForwardBackwardRequest,
  forwardBackwardBody,
  forwardBackwardResultSchema,
  type SampleOutput,
  sampleResultSchema,
} from './wire.ts';

const floats = (length: number) =>
  fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: length, maxLength: length })
    // JSON knows one zero
    .map((list) => Float32Array.from(list, (value) => (value === 0 ? 0 : value)));
const tokens = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: length, maxLength: length })
    .map((list) => Int32Array.from(list));

const datum = fc.integer({ min: 1, max: 12 }).chain((length) =>
  fc.record({
    tokens: tokens(length),
    inputs: fc.record({ target_tokens: tokens(length), advantages: floats(length), logprobs: floats(length) }),
  }),
);

const request: fc.Arbitrary<ForwardBackwardRequest> = fc.record({
  modelId: fc.string(),
  seqId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  data: fc.array(datum, { minLength: 1, maxLength: 5 }),
  lossFn: fc.constantFrom('ppo', 'cross_entropy'),
  lossFnConfig: fc.constantFrom({}, { clip_low_threshold: 0.8, clip_high_threshold: 1.2 }),
  forwardOnly: fc.boolean(),
});

const output: fc.Arbitrary<ForwardBackwardOutput> = fc.record({
  outputs: fc.array(
    fc
      .integer({ min: 0, max: 9 })
      .chain((length) => fc.record({ logprobs: floats(length), elementwise_loss: floats(length) })),
    { minLength: 1, maxLength: 6 },
  ),
  metrics: fc.constantFrom({}, { 'loss:sum': -1.5, 'x:max': 3 }),
});

const sampled: fc.Arbitrary<SampleOutput> = fc.record({
  sequences: fc.array(
    fc.integer({ min: 1, max: 9 }).chain((length) =>
      fc.record({
        tokens: tokens(length),
        logprobs: fc.option(floats(length), { nil: undefined }),
        stopReason: fc.constantFrom('stop' as const, 'length' as const),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  ),
  promptLogprobs: fc.option(floats(3), { nil: undefined }),
});

test('a training request decodes to what was encoded', () => {
  fc.assert(
    fc.property(request, (it) => {
      expect(decodeForwardBackwardRequest(encodeForwardBackwardRequest(it))).toEqual(it);
    }),
  );
});

test('a training result decodes to what was encoded', () => {
  fc.assert(
    fc.property(output, (it) => {
      expect(decodeForwardBackwardOutput(encodeForwardBackwardOutput(it))).toEqual(it);
    }),
  );
});

test('samples decode to what was encoded, absent log-probabilities stay absent', () => {
  fc.assert(
    fc.property(sampled, (it) => {
      expect(decodeSampleResponse(encodeSampleResponse(it))).toEqual(it);
    }),
  );
});

test('results are the same numbers by JSON', () => {
  const throughJson = (body: object) => fromWire(JSON.parse(JSON.stringify(toWire(body))));
  fc.assert(
    fc.property(output, ({ outputs, metrics }) => {
      const tensors = outputs.map((fields) =>
        Object.fromEntries(
          Object.entries(fields).map(([name, array]) => [name, { data: [...array], dtype: 'float32' }]),
        ),
      );
      const body = throughJson({ lossFnOutputs: tensors, metrics });
      expect(decodeForwardBackward(forwardBackwardResultSchema.parse(body))).toEqual({ outputs, metrics });
    }),
  );
  fc.assert(
    fc.property(sampled, ({ sequences, promptLogprobs }) => {
      const list = (array: Float32Array | undefined) => (array === undefined ? null : [...array]);
      const body = throughJson({
        sequences: sequences.map((each) => ({ ...each, tokens: [...each.tokens], logprobs: list(each.logprobs) })),
        promptLogprobs: list(promptLogprobs),
      });
      expect(decodeSample(sampleResultSchema.parse(body))).toEqual({ sequences, promptLogprobs });
    }),
  );
});

test('a JSON training request is the protocol word for word', () => {
  const body = toWire(
    forwardBackwardBody({
      modelId: 'm',
      seqId: 3,
      data: [
        { tokens: Int32Array.of(1), inputs: { target_tokens: Int32Array.of(2), advantages: Float32Array.of(0.5) } },
      ],
      lossFn: 'ppo',
      lossFnConfig: { clip_low_threshold: 0.8 },
      forwardOnly: false,
    }),
  );
  expect(body).toEqual({
    model_id: 'm',
    seq_id: 3,
    forward_backward_input: {
      data: [
        {
          model_input: { chunks: [{ type: 'encoded_text', tokens: [1] }] },
          loss_fn_inputs: {
            target_tokens: { data: [2], dtype: 'int64', shape: [1] },
            advantages: { data: [0.5], dtype: 'float32', shape: [1] },
          },
        },
      ],
      loss_fn: 'ppo',
      loss_fn_config: { clip_low_threshold: 0.8 },
    },
  });
});

test('the bytes of a sample are those of the published messages', () => {
  // 1: sequence { 1: LENGTH, 2: int32 tokens [5], 3: float32 log-probabilities [-1] }
  const bytes = encodeSampleResponse({
    sequences: [{ tokens: Int32Array.of(5), logprobs: Float32Array.of(-1), stopReason: 'length' }],
    promptLogprobs: undefined,
  });
  expect(Buffer.from(bytes).toString('hex')).toBe('0a0e08011204050000001a04000080bf');
});

test('bytes that are cut, claim too much or point outside are refused', () => {
  const whole = encodeForwardBackwardOutput({ outputs: [{ logprobs: Float32Array.of(1, 2, 3) }], metrics: {} });
  for (let end = 1; end < whole.length; end++) {
    const cut = whole.slice(0, end);
    let decoded: ForwardBackwardOutput | undefined;
    try {
      decoded = decodeForwardBackwardOutput(cut);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
    // a cut between two fields is a message with fewer fields
    expect(decoded?.outputs.flatMap((each) => [...(each['logprobs'] ?? [])]) ?? []).toEqual([]);
  }
});
