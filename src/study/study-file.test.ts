import { describe, expect, it } from 'vitest';
import { armSettings, armsOf, plannedRuns } from './plan.ts';
import { parseStudy } from './study-file.ts';

const STUDY = {
  run: { task: 'echo' },
  arms: { grpo: { objective: { recipe: 'grpo' } }, psr: { objective: { recipe: 'psr' } } },
  reference: 'grpo',
  seeds: [1, 2],
};
const parse = (changes: object, isQuick = false) =>
  parseStudy({ ...STUDY, ...changes }, 'study.yaml', { quick: isQuick });

describe('a study file', () => {
  it.each([
    ['an unknown key', { seed: [1] }, 'study.yaml: unknown key seed (value [1]); did you mean seeds?'],
    ['an unknown reference', { reference: 'grp' }, 'reference: there is no arm grp; did you mean grpo?'],
    ['an arm that would leave the folder', { arms: { ...STUDY.arms, '../x': {} } }, '../x'],
    ['a seed twice', { seeds: [3, 3] }, 'seeds: 3 is named twice'],
    ['no seeds', { seeds: [] }, 'seeds must have at least 1 entry'],
    ['an arm that sets the seed', { arms: { grpo: { seed: 4 } } }, 'arms.grpo.seed must be left out'],
    ['a run that has a name', { run: { task: 'echo', name: 'x' } }, 'run.name must be left out'],
    ['a control named like an arm', { controls: { psr: { seedOffset: 1 } } }, 'controls.psr: an arm has this name'],
    ['a control that changes nothing known', { controls: { x: { seedOfset: 1 } } }, 'did you mean seedOffset?'],
    ['a group of unknown arms', { groups: { g: ['nsr'] } }, 'groups.g: there is no arm nsr; did you mean psr?'],
    ['a choice without the reference', { only: ['psr'] }, 'only must hold the reference, grpo'],
    ['nothing to start from', { run: {} }, 'base or run is missing'],
  ])('is refused for %s', (_what, changes, message) => {
    expect(() => parse(changes)).toThrow(message);
  });

  it('applies its quick section as a patch over the whole', () => {
    const quick = { seeds: [7], run: { training: { steps: 2 } }, arms: { psr: null } };
    const study = parse({ quick }, true);
    expect([study.seeds, study.run, Object.keys(study.arms)]).toEqual([
      [7],
      { task: 'echo', training: { steps: 2 } },
      ['grpo'],
    ]);
    expect(parse({ quick }).seeds).toEqual([1, 2]);
  });

  it('says that it has no quick form, and which form a mistake is in', () => {
    expect(() => parse({}, true)).toThrow('--quick needs a section `quick`');
    expect(() => parse({ quick: { sedes: [1] } }, true)).toThrow('study.yaml (quick): unknown key sedes');
  });

  it('takes arms and seeds of a command in the place of its own and of its quick form', () => {
    const written = { ...STUDY, quick: { seeds: [7], only: ['grpo'] } };
    const study = parseStudy(written, 'study.yaml', { quick: true, only: ['psr', 'grpo'], seeds: [3] });
    expect([Object.keys(study.arms), study.seeds]).toEqual([['grpo', 'psr'], [3]]);
    expect(() => parseStudy(written, 'study.yaml', { only: ['psr'] })).toThrow('only must hold the reference, grpo');
  });

  it('leaves out arms that are not wanted, and their groups', () => {
    const study = parse({ only: ['grpo'], groups: { a: ['psr'], b: ['psr', 'grpo'] } });
    expect([Object.keys(study.arms), study.groups]).toEqual([['grpo'], { b: ['grpo'] }]);
  });
});

describe('the plan of a study', () => {
  const study = parse({
    controls: { nudged: { learningRateFactor: 1.1 }, reseeded: { seedOffset: 100 } },
    arms: { grpo: {}, fast: { training: { learningRate: 3 } } },
  });
  const common = { training: { learningRate: 2, steps: 9 } };
  const resolved = new Map(Object.entries(study.arms).map(([arm, patch]) => [arm, armSettings(common, study, patch)]));
  const arms = armsOf(study, resolved);

  it('runs seed by seed, equal seeds for all arms but a reseeded control', () => {
    const runs = plannedRuns(arms, [1, 2]);
    expect(runs.map(({ name, settings }) => [name, settings['seed']])).toEqual([
      ['grpo-s1', 1],
      ['fast-s1', 1],
      ['nudged-s1', 1],
      ['reseeded-s1', 101],
      ['grpo-s2', 2],
      ['fast-s2', 2],
      ['nudged-s2', 2],
      ['reseeded-s2', 102],
    ]);
  });

  it('gives arms and controls the common settings with their differences', () => {
    const rates = arms.map(({ name, role, settings, changes }) => [name, role, settings['training'], changes]);
    expect(rates).toEqual([
      ['grpo', 'reference', { learningRate: 2, steps: 9 }, ''],
      ['fast', 'treatment', { learningRate: 3, steps: 9 }, 'training.learningRate 3'],
      ['nudged', 'control', { learningRate: 2.2, steps: 9 }, 'grpo, learning rate x 1.1'],
      ['reseeded', 'control', { learningRate: 2, steps: 9 }, 'grpo, seeds + 100'],
    ]);
  });
});
