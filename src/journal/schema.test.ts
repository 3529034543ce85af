import fs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import {
  decodeEvaluation,
  decodeEvent,
  decodeMetrics,
  decodeRunManifest,
  encodeEvaluation,
  encodeEvent,
  encodeMetrics,
  exactJson,
  type Json,
  type JsonObject,
  withoutTime,
} from './schema.ts';

const step = fc.nat();
const key = fc
  .stringMatching(/^[a-z][a-z0-9_]{0,8}(\/[a-z0-9][a-z0-9_]{0,8}){1,3}$/)
  .filter((k) => k !== 'time/unix_s');
// JSON has one zero
const number = fc.double().map((value) => (value === 0 ? 0 : value));
const metrics = fc.dictionary(key, number, { noNullPrototype: true });
const text = fc.string({ unit: 'binary' });
// zod leaves out keys named __proto__, here and in every object it reads
const object = fc
  .dictionary(text, fc.jsonValue() as fc.Arbitrary<Json>, { noNullPrototype: true })
  .map((value) => JSON.stringify(value))
  .filter((json) => !json.includes('__proto__'))
  .map((json) => JSON.parse(json) as JsonObject);

test('a metrics line reads back as written, NaN and infinities included', () => {
  fc.assert(
    fc.property(step, metrics, (atStep, values) => {
      expect(decodeMetrics(JSON.parse(encodeMetrics({ step: atStep, metrics: values }, 12.5)))).toEqual({
        step: atStep,
        metrics: { ...values, 'time/unix_s': 12.5 },
      });
    }),
  );
});

test('evaluation and event lines read back as written', () => {
  const intervals = fc.dictionary(key, fc.tuple(number, number), { noNullPrototype: true });
  const counts = { samples: step, correct: step, unknown: step, truncated: step };
  const problem = fc.record(
    { id: text, ...counts, wrong: fc.array(step) },
    { requiredKeys: ['id', 'samples', 'correct', 'unknown', 'truncated'] },
  );
  const evaluation = fc.record(
    {
      step,
      policyVersion: step,
      name: text,
      protocol: object,
      metrics,
      intervals,
      testSetIntervals: intervals,
      problems: fc.array(problem),
      subject: object,
    },
    { requiredKeys: ['step', 'policyVersion', 'name', 'protocol', 'metrics', 'intervals'] },
  );
  const event = fc.record({
    step,
    level: fc.constantFrom('note' as const, 'warning' as const, 'fault' as const),
    kind: text,
    message: text,
    details: object,
  });
  fc.assert(
    fc.property(evaluation, event, (first, second) => {
      expect(decodeEvaluation(JSON.parse(encodeEvaluation(first, 1)))).toEqual({ ...first, unixSeconds: 1 });
      expect(decodeEvent(JSON.parse(encodeEvent(second, 2)))).toEqual({ ...second, unixSeconds: 2 });
    }),
  );
});

test('a line begins with its step and never says null for a number', () => {
  expect(encodeMetrics({ step: 3, metrics: { 'loss/total': Number.NaN, 'policy/ratio/max': Infinity } }, 1)).toBe(
    '{"step":3,"loss/total":"NaN","policy/ratio/max":"Infinity","time/unix_s":1}',
  );
  const details = { worst: -Infinity };
  expect(encodeEvent({ step: 3, level: 'fault', kind: 'k', message: 'm', details }, 1)).toBe(
    '{"step":3,"level":"fault","kind":"k","message":"m","details":{"worst":"-Infinity"},"time/unix_s":1}',
  );
  expect(() => exactJson({ scale: Number.NaN })).toThrow('scale is NaN: JSON cannot say it');
});

test('fields and kinds of value from a later version are passed over', () => {
  expect(decodeMetrics({ step: 1, 'a/b': 2, 'c/d': { nested: 1 }, constructor: 'NaN?' })).toEqual({
    step: 1,
    metrics: { 'a/b': 2 },
  });
  expect(
    decodeEvent({ step: 1, level: 'note', kind: 'k', message: 'm', details: {}, 'time/unix_s': 1, later: true }),
  ).toEqual({ step: 1, level: 'note', kind: 'k', message: 'm', details: {}, unixSeconds: 1 });
});

test('a metric key that is not room/thing is our bug', () => {
  for (const bad of ['loss', 'Loss/total', 'loss/', 'loss total/x', 'step', 'evaluate/pass@1'])
    expect(() => encodeMetrics({ step: 1, metrics: { [bad]: 1 } }, 0)).toThrow('bug in polarity: metric key');
});

test('a manifest of a later journal version asks for an upgrade; anything else that is no manifest is named', () => {
  const manifest = { journalVersion: 2, name: 'a', seed: 1, versions: {}, dataHashes: {}, environment: {} };
  expect(() => decodeRunManifest(manifest, 'runs/a/manifest.json')).toThrow(
    'runs/a/manifest.json has journal version 2, this polarity reads up to 1: upgrade polarity',
  );
  expect(() => decodeRunManifest(undefined, 'runs/a/manifest.json')).toThrow(UserError);
});

test('without their time fields, equal lines are equal', () => {
  expect(withoutTime({ step: 1, 'time/unix_s': 3, nested: [{ 'time/a': 1, b: 2 }], timely: null })).toEqual({
    step: 1,
    nested: [{ b: 2 }],
    timely: null,
  });
});

test('the lines shown in docs/JOURNAL.md are lines of this journal', () => {
  const text = fs.readFileSync(join(import.meta.dirname, '../../docs/JOURNAL.md'), 'utf8');
  const shown = [...text.matchAll(/^```json\n(.*)\n```$/gm)].map((match) => JSON.parse(match[1] as string));
  const [metricsLine, evaluation, event, manifest] = shown;
  expect(encodeMetrics(decodeMetrics({ ...metricsLine, 'time/unix_s': {} }), metricsLine['time/unix_s'])).toBe(
    JSON.stringify(metricsLine),
  );
  expect(encodeEvaluation(decodeEvaluation(evaluation), evaluation['time/unix_s'])).toBe(JSON.stringify(evaluation));
  expect(encodeEvent(decodeEvent(event), event['time/unix_s'])).toBe(JSON.stringify(event));
  expect(decodeRunManifest(manifest, 'manifest.json')).toEqual(manifest);
  expect(shown).toHaveLength(5);
});
