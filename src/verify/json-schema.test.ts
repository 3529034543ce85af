import { describe, expect, it } from 'vitest';
import { goldCompletion, verifyHere } from './catalogue.ts';

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
  required: ['name', 'age'],
  additionalProperties: false,
  examples: [{ name: 'Ada', age: 36 }],
};

const ask = (completion: string, gold: unknown = schema, settings: Record<string, unknown> = {}) =>
  verifyHere({ verifier: { name: 'json-schema', noAnswer: 'unknown', ...settings }, gold, completion });

async function outcome(completion: string, gold: unknown = schema, settings: Record<string, unknown> = {}) {
  const verdict = await ask(completion, gold, settings);
  return verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome;
}

describe('JSON against a schema', () => {
  const ada = '{"name": "Ada", "age": 36}';

  it.each([
    [ada, 'correct'],
    [` ${ada}\n`, 'correct'],
    [`Here it is:\n\`\`\`json\n${ada}\n\`\`\`\nDone.`, 'correct'],
    [`\`\`\`\n[]\n\`\`\`\n\n\`\`\`json\n${ada}\n\`\`\``, 'correct'],
    [`\`\`\`json\n${ada}`, 'correct'],
    ['{"name": "Ada"}', 'incorrect'],
    ['{"name": "Ada", "age": 36.5}', 'incorrect'],
    [`{"name": "Ada", "age": 36`, 'incorrect'],
    ['```json\nAda\n```', 'incorrect'],
    ['Her name was Ada.', 'no answer'],
    ['', 'no answer'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'budget'],
  ])('%#: %j is %s', async (completion, expected) => {
    expect(await outcome(completion)).toBe(expected);
  });

  it('says what is wrong, and where the JSON stood', async () => {
    const verdict = await ask('It is\n```json\n{"name": "Ada", "age": -1}\n```\n');
    expect(verdict).toMatchObject({ outcome: 'incorrect', explanation: '#/age: -1 is less than 0.' });
    expect(verdict.evidence?.extracted).toMatchObject({ start: 14, end: 41, anchor: 'last fenced block' });
  });

  it('takes the schema from the gold, as a value or as JSON text, or from the settings', async () => {
    expect(await outcome('3', { type: 'integer' })).toBe('correct');
    expect(await outcome('3', '{"type": "string"}')).toBe('incorrect');
    expect(await outcome('3', null, { schema: { type: 'integer' } })).toBe('correct');
    expect(await outcome('3', null, { schema: { type: 'string' } })).toBe('incorrect');
    expect(await outcome('3', true)).toBe('correct');
  });

  it.each([[undefined], ['{'], ['3'], [{ $ref: '#/nowhere' }], [{ $ref: '#' }], [{ type: 'string', pattern: '(' }]])(
    'is unknown for a schema that cannot be applied: %j',
    async (gold) => {
      expect(await outcome('"text"', gold === undefined ? null : gold)).toBe('unparsable gold');
    },
  );

  it('has the schema’s own example as gold completion', async () => {
    const completion = await goldCompletion({ name: 'json-schema' }, schema);
    expect(await outcome(completion ?? '')).toBe('correct');
    expect(await goldCompletion({ name: 'json-schema' }, { const: 5 })).toBe('5');
    expect(await goldCompletion({ name: 'json-schema' }, { type: 'string' })).toBeUndefined();
  });
});
