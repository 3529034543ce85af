/**
 * ONNX Runtime's fused ops around attention (domain com.microsoft).
 *
 * Dimensions: B batch, L positions, H query heads, K key/value heads, D channels of one head, S positions of the cache.
 */
import { drawn, int32, int64, type OpRecord } from './record.ts';
import { commonType, fits, numberAttribute, operand, sameShape } from './shapes.ts';

/** (x [B, L, H D] or [B, H, L, D], positions int64 [1] or [B, L], cos [positions, D / 2], sin) -> x turned. */
const rotaryEmbedding: OpRecord = {
  domain: 'com.microsoft',
  floats: ['scale'],
  outputs: (inputs) => {
    const [x, positions, cos, sin] = [0, 1, 2, 3].map((i) => operand(inputs, i));
    fits(x!.shape.length === 3 || x!.shape.length === 4, 'x must be [B, L, H D] or [B, H, L, D]');
    fits(positions!.type === 'int64', 'positions must be int64');
    fits(cos!.shape.length === 2 && sameShape(cos!.shape, sin!.shape), 'cos and sin must be matrices of one shape');
    return [{ type: commonType([x!, cos!, sin!]), shape: x!.shape }];
  },
  // a rotation's transpose turns the other way
  gradient: ({ graph, cotangent, inputs: [, positions, cos, sin], attributes }) => [
    graph.one('RotaryEmbedding', [cotangent, positions, cos, graph.one('Neg', [sin])], attributes),
  ],
  examples: [
    {
      inputs: [drawn([1, 2, 2, 4]), int64([1, 2], [1, 2]), constantAngles(Math.cos), constantAngles(Math.sin)],
      attributes: { interleaved: 0 },
    },
    {
      inputs: [drawn([2, 2, 8]), int64([0, 1, 1, 2], [2, 2]), constantAngles(Math.cos), constantAngles(Math.sin)],
      attributes: { num_heads: 2, interleaved: 0 },
    },
    {
      inputs: [drawn([1, 2, 4]), int64([1]), constantAngles(Math.cos), constantAngles(Math.sin)],
      attributes: { num_heads: 1, interleaved: 1 },
    },
  ],
};

/** [3 positions, 2 frequencies] */
function constantAngles(of: (angle: number) => number) {
  const data = Float32Array.from([0, 0, 1, 0.1, 2, 0.2], of);
  return { type: 'float32' as const, dims: [3, 2], data };
}

/**
 * (query [B, L, H D], key [B, L, K D], value, past key [B, K, S, D], past value, last position int32 [B], total length int32 [1],
 * cos, sin) -> (attention [B, L, H D], present key, present value). Query may hold all three, packed as [B, L, (H + 2 K) D].
 * Present results must always be named in the model, or the op computes something else.
 */
const groupQueryAttention: OpRecord = {
  domain: 'com.microsoft',
  floats: ['scale', 'softcap'],
  outputs: (inputs, attributes) => {
    const [query, key, value, pastKey, pastValue] = [operand(inputs, 0), ...inputs.slice(1, 5)];
    fits(operand(inputs, 5).type === 'int32' && operand(inputs, 6).type === 'int32', 'lengths must be int32');
    fits(query.shape.length === 3, 'query must be [B, L, channels]');
    fits(!key === !value && !pastKey === !pastValue, 'key and value, and both pasts, come together');
    const heads = numberAttribute(attributes, 'num_heads', Number.NaN);
    const groups = numberAttribute(attributes, 'kv_num_heads', Number.NaN);
    const [batch, length, width] = query.shape;
    const channels = (width as number) / (key ? heads : heads + 2 * groups);
    fits(Number.isInteger(channels), `width ${width} is not a whole number of heads (${heads} query, ${groups} key)`);
    fits(!key || key.shape.at(-1) === groups * channels, `key must have width ${groups * channels}`);
    const isCache =
      !pastKey || (pastKey.shape.length === 4 && pastKey.shape[1] === groups && pastKey.shape[3] === channels);
    fits(isCache, `past must be [B, ${groups}, S, ${channels}]`);
    const present = pastKey?.shape ?? [batch!, groups, length!, channels];
    const { type } = query;
    return [
      { type, shape: [batch!, length!, heads * channels] },
      { type, shape: present },
      { type, shape: present },
    ];
  },
  gradient: 'none: it serves decoding with a cache; training graphs write attention out',
  examples: [
    {
      inputs: [
        drawn([2, 1, 16]),
        drawn([2, 1, 8]),
        drawn([2, 1, 8]),
        drawn([2, 1, 4, 8]),
        drawn([2, 1, 4, 8]),
        int32([2, 1]),
        int32([3], [1]),
      ],
      attributes: { num_heads: 2, kv_num_heads: 1, do_rotary: 0, scale: 1 },
    },
    {
      inputs: [drawn([1, 2, 24]), undefined, undefined, undefined, undefined, int32([1]), int32([2], [1])],
      attributes: { num_heads: 1, kv_num_heads: 1 },
    },
  ],
};

export const attention = {
  RotaryEmbedding: rotaryEmbedding,
  GroupQueryAttention: groupQueryAttention,
} satisfies Record<string, OpRecord>;
