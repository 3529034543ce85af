import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rows, sample, sentence } from '../../../test/fixtures/samples.ts';
import { parseObjective } from '../objective.ts';
import { slots } from '../schema.ts';
import { shape } from '../shape.ts';
import { recipes } from './catalogue.ts';
import { selectorRecipes } from './selectors.ts';

const group = [sample(1, [0.5, 0.9]), sample(0, [0.5, 0.9]), sample(0, [0.2, 0.6]), sample(0, [0.3, 0.7])];
const shaped = (choice: unknown, step = 0) =>
  rows(shape(sentence(choice, step), [group])).map((row) => row.map((a) => Number(a.toFixed(3)) + 0));

describe('rewards 1,0,0,0, two tokens each', () => {
  it.each([
    [
      { recipe: 'psr' },
      [
        [1, 1],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ],
    [
      { recipe: 'nsr' },
      [
        [0, 0],
        [-1, -1],
        [-1, -1],
        [-1, -1],
      ],
    ],
    [
      { recipe: 'psr', reading: 'group' },
      [
        [1.5, 1.5],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ],
    [
      { recipe: 'nsr', reading: 'group' },
      [
        [0, 0],
        [-0.5, -0.5],
        [-0.5, -0.5],
        [-0.5, -0.5],
      ],
    ],
    [
      { recipe: 'w-reinforce' },
      [
        [0.1, 0.1],
        [-1, -1],
        [-1, -1],
        [-1, -1],
      ],
    ],
    [
      { recipe: 'w-reinforce', reading: 'group' },
      [
        [0.15, 0.15],
        [-0.5, -0.5],
        [-0.5, -0.5],
        [-0.5, -0.5],
      ],
    ],
    [
      { recipe: 'polarity-weighted' },
      [
        [3, 3],
        [-0.5, -0.5],
        [-0.5, -0.5],
        [-0.5, -0.5],
      ],
    ],
    [
      { recipe: 'positive-advantage-reweighting' },
      [
        [0, 0],
        [-0.5, -0.5],
        [-0.5, -0.5],
        [-0.5, -0.5],
      ],
    ],
    [
      { recipe: 'dr-grpo' },
      [
        [0.75, 0.75],
        [-0.25, -0.25],
        [-0.25, -0.25],
        [-0.25, -0.25],
      ],
    ],
    [
      { recipe: 'rloo' },
      [
        [1, 1],
        [-0.333, -0.333],
        [-0.333, -0.333],
        [-0.333, -0.333],
      ],
    ],
    // alpha .2: factor .8 + .2 p
    [
      { recipe: 'ar' },
      [
        [1.35, 1.47],
        [-0.45, -0.49],
        [-0.42, -0.46],
        [-0.43, -0.47],
      ],
    ],
    [
      { recipe: 'a3po' },
      [
        [3, 1.5],
        [-0.5, -1],
        [-0.5, -1],
        [-0.5, -1],
      ],
    ],
  ])('%j gives %j', (choice, expected) => {
    expect(shaped(choice)).toEqual(expected);
  });
});

it('dapo-fork-tokens trains and counts only the most uncertain fifth of the step', () => {
  const fork = shape(sentence('dapo-fork-tokens'), [group])[0]!;
  // entropies of the fixture are 1 - p: the highest of 8 is p = .2
  expect(fork.map(({ mask }) => [...mask])).toEqual([
    [0, 0],
    [0, 0],
    [1, 0],
    [0, 0],
  ]);
});

it('entropic pushes likely tokens up in correct and down in incorrect rollouts while entropy is above its target', () => {
  const at = sentence({ recipe: 'entropic', entropyTarget: 0.4, probability: 0.9 });
  // fixture entropy .5: e = .1, alpha = .1 + .001
  expect(at.rules.map((rule) => 'scale' in rule && Number(rule.scale.toFixed(6)))).toEqual([1.101, 0.899]);
});

describe('A3PO’s decay hypotheses', () => {
  const scales = (choice: object, step: number) =>
    sentence({ recipe: 'a3po', positiveScale: 2, negativeScale: 3, ...choice }, step).rules.map(
      (rule) => 'scale' in rule && Number(rule.scale.toFixed(3)),
    );
  it.each([
    [
      { decay: 'H1' },
      [
        [2, 3],
        [1.5, 2.5],
        [1, 1.5],
        [1, 1],
      ],
    ],
    [
      { decay: 'H2' },
      [
        [2, 3],
        [1.75, 2.5],
        [1.25, 1.5],
        [1, 1],
      ],
    ],
    [
      { decay: 'H4' },
      [
        [2, 3],
        [1.854, 2.707],
        [1.146, 1.293],
        [1, 1],
      ],
    ],
    [
      { decay: 'none' },
      [
        [2, 3],
        [2, 3],
        [2, 3],
        [2, 3],
      ],
    ],
    // fixture entropy .5 and mismatch .01 at every step
    [{ decay: 'H5', entropyTarget: 1 }, Array(4).fill([1.5, 2])],
    [{ decay: 'H6', mismatchBound: 0.005 }, Array(4).fill([1.5, 2])],
  ])('%j at steps 0, 12.5, 37.5 and 50 of 100', (choice, expected) => {
    expect([0, 12.5, 37.5, 50].map((step) => scales(choice, step))).toEqual(expected);
  });

  it('H3 has lost 95 % of its excess at decayedAt', () => {
    expect(scales({ decay: 'H3' }, 50)).toEqual([
      1 + Number(Math.exp(-3).toFixed(3)),
      1 + Number((2 * Math.exp(-3)).toFixed(3)),
    ]);
  });
});

describe('the catalogue', () => {
  it('names every recipe once, with a paper, equations and described parameters', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length);
    for (const { paper, equations, parameters } of recipes) {
      expect(paper).toMatch(/arXiv:\d{4}\.\d{5}/);
      expect(equations.length).toBeGreaterThan(0);
      for (const field of Object.values(parameters.shape)) expect(describedIn(field)).not.toBe('');
    }
  });

  it('has a section of docs/PAPERS.md for every recipe', () => {
    const papers = readFileSync(new URL('../../../docs/PAPERS.md', import.meta.url), 'utf8');
    const headings = [...papers.matchAll(/^### (.*)$/gm)].flatMap(([, names = '']) => names.split(', '));
    const selectors = selectorRecipes.map(({ name }) => name);
    expect(headings).toContain('positive-high-probability and its seven sisters');
    const others = recipes.map(({ name }) => name).filter((name) => !selectors.includes(name));
    expect(others.filter((name) => !headings.includes(name))).toEqual([]);
  });

  it('has no parameter that hides a slot of the sentence', () => {
    for (const { parameters } of recipes)
      expect(Object.keys(parameters.shape).filter((key) => key in slots)).toEqual([]);
  });

  it.each(recipes.map(({ name }) => name))('%s is a sentence that can be pasted back', (name) => {
    const { sentence } = parseObjective(name);
    expect(parseObjective(JSON.parse(JSON.stringify(sentence))).sentence).toEqual(sentence);
  });
});

const describedIn = (field: unknown): string => (field as { description?: string }).description ?? '';
