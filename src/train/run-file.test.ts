import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { parseYaml, readSettings } from './run-file.ts';

const read = (text: string, ...overrides: string[]) => readSettings(text, 'run.yaml', overrides);

describe('readSettings', () => {
  it('writes shorthands out', () => {
    expect(read('task: countdown\nengine: fake\nobjective: a3po')).toEqual({
      task: { name: 'countdown' },
      engine: { fake: {} },
      objective: { recipe: 'a3po' },
    });
  });

  it('applies overrides in order, with YAML values', () => {
    const overrides = ['training.steps=20', 'evaluation.passAt=[1, 4]', 'training.steps=30', 'name=a=b'];
    expect(read('training: { steps: 5, minibatches: 2 }', ...overrides)).toEqual({
      training: { steps: 30, minibatches: 2 },
      evaluation: { passAt: [1, 4] },
      name: 'a=b',
    });
  });

  it('reaches below a shorthand and into lists', () => {
    expect(read('engine: onnx\nlist: [a, b]', 'engine.onnx.threads=2', 'list.1=c')).toEqual({
      engine: { onnx: { threads: 2 } },
      list: ['a', 'c'],
    });
  });

  it('replaces one shorthand by another', () => {
    expect(read('engine: onnx', 'engine=fake')).toEqual({ engine: { fake: {} } });
  });

  it.each([
    ['no value', 'training.steps', '--set takes key.path=value'],
    ['an empty key', '.steps=1', '--set takes key.path=value'],
    ['a path through a number', 'seed.x=1', 'x is below 7, which is not a mapping'],
    ['a list index that does not exist', 'list.9=1', '9 is not an index of a list of 2'],
    ['a broken value', 'seed=[1', 'the value is not valid YAML'],
  ])('refuses %s', (_name, override, message) => {
    expect(() => read('seed: 7\nlist: [1, 2]', override)).toThrow(message);
  });

  it('does not let an override reach the prototype of objects', () => {
    read('seed: 1', '__proto__.polluted=1');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('parseYaml', () => {
  it.each([
    ['a syntax error', 'a: [1, 2', 'run.yaml:1:9'],
    ['a key written twice', 'a: 1\na: 2', 'run.yaml:2:1'],
    ['an unknown tag', 'a: !!js/function x', 'run.yaml:1:4'],
    ['a list', '- a', 'a run file is a mapping'],
    ['nothing', '', 'a run file is a mapping'],
  ])('names the place of %s', (_name, text, message) => {
    expect(() => parseYaml(text, 'run.yaml')).toThrow(message);
    expect(() => parseYaml(text, 'run.yaml')).toThrow(UserError);
  });
});
