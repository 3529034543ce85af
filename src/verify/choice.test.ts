import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyHere } from './catalogue.ts';
import { choiceVerifier } from './choice.ts';
import { inOrder, letterAt, placeOf, shuffleOptions } from './choice-shuffle.ts';

const options = ['London', 'a dog', 'Paris', 'Rome', 'Paris, Texas'];
const gold = { letter: 'C', options };

/** The letter that was read, or the reason why none was. */
async function read(completion: string, asked: unknown = gold): Promise<string | undefined> {
  const verdict = await verifyHere({ verifier: { name: 'choice', noAnswer: 'unknown' }, gold: asked, completion });
  return verdict.outcome === 'unknown' ? verdict.reason : verdict.evidence?.answerForm;
}

describe('a choice is read', () => {
  it.each([
    ['\\boxed{C}', 'C'],
    ['\\boxed{\\text{(C)}}', 'C'],
    ['so $\\boxed{\\textbf{(C)}\\ \\text{Paris}}$.', 'C'],
    ['\\boxed{\\text{Paris}}', 'C'],
    ['\\fbox{c}', 'C'],
    ['Answer: (C)', 'C'],
    ['**Answer**: **C**', 'C'],
    ['### Final Answer\n\n$$\\text{C}$$', 'C'],
    ['#### C', 'C'],
    ['The answer is C', 'C'],
    ['the correct option is therefore C, because it lies on the Seine.', 'C'],
    ['The answer is C because a dog is no town.', 'C'],
    ['The answer is Paris. It lies on the Seine.', 'C'],
    ['The answer is PARIS', 'C'],
    ['The answer is Paris, Texas.', 'E'],
    ['I would choose option [D].', 'D'],
    ['Rome burnt, so (C) is correct.', 'C'],
    ['C', 'C'],
    ['(c)', 'C'],
    ['C) Paris\n\nIt lies on the Seine.', 'C'],
    ['It lies on the Seine.\n\n**C. Paris**', 'C'],
    ['<think>The answer is A. \\boxed{A}</think>\n\nC', 'C'],
    ['The answer is A. No, wait.\nThe answer is C.', 'C'],
    ['Answer: A\nThe boxed one: \\boxed{C}', 'C'],
    ['Answer: F', 'F'],
  ])('in %j as %s', async (completion, letter) => {
    expect(await read(completion)).toBe(letter);
  });

  it.each([
    ['A dog bites a man.', 'no answer'],
    ['A thing of beauty, said B and C.', 'no answer'],
    ['', 'no answer'],
    ['The answer is A man in a hat', 'unparsable answer'],
    ['The answer is vitamin C', 'unparsable answer'],
    ['Answer: C programming', 'unparsable answer'],
    ['The answer is not A', 'unparsable answer'],
    ['\\boxed{Lyon}', 'unparsable answer'],
    ['\\boxed{A} or \\boxed{C}', 'ambiguous answer'],
    ['\\boxed{A, C}', 'ambiguous answer'],
    ['\\boxed{A}\n\n\\boxed{C}', 'ambiguous answer'],
    ['The answer is either A or C.', 'ambiguous answer'],
    ['Answer: A. Answer: C', 'ambiguous answer'],
    ['Answer: A/C', 'ambiguous answer'],
    ['Answer: (C) London', 'ambiguous answer'],
    ['C\nor so I thought\nA', 'ambiguous answer'],
  ])('not in %j: %s', async (completion, reason) => {
    expect(await read(completion)).toBe(reason);
  });

  it('with the place it was read from', async () => {
    const verdict = await verifyHere({ verifier: { name: 'choice' }, gold, completion: 'So \\boxed{\\text{A}}.' });
    expect(verdict).toEqual({
      outcome: 'incorrect',
      reward: 0,
      explanation: 'the answer is A, the gold C',
      evidence: {
        extracted: { text: '\\text{A}', start: 10, end: 18, anchor: 'boxed' },
        goldForm: 'C',
        answerForm: 'A',
        rule: 'same option',
      },
    });
  });
});

describe('the options of a choice', () => {
  it('may carry their letters', async () => {
    const lettered = { index: 1, options: ['A) 2 m', 'B) $\\frac{1}{2}$ m'] };
    expect(await read('The answer is \\(\\frac{1}{2}\\) m', lettered)).toBe('B');
    expect(await read('B) $\\frac{1}{2}$ m', lettered)).toBe('B');
  });

  it('may be letters themselves: then a letter alone is ambiguous, unless it is its own', async () => {
    const letters = { letter: 'A', options: ['B', 'A', 'C'] };
    expect(await read('\\boxed{A}', letters)).toBe('ambiguous answer');
    expect(await read('\\boxed{A: B}', letters)).toBe('A');
    expect(await read('\\boxed{C}', letters)).toBe('C');
  });

  it('may be variables beyond the last letter', async () => {
    expect(await read('The answer is y', { letter: 'B', options: ['x', 'y', 'z'] })).toBe('B');
  });

  it('that are equal cannot be told apart by their text', async () => {
    expect(await read('Paris', { letter: 'A', options: ['Paris', 'Rome', 'Paris'] })).toBe('ambiguous answer');
  });

  it('may be absent from the gold: only letters are answers then', async () => {
    expect(await read('The answer is (C).', 'c')).toBe('C');
    expect(await read('The answer is Paris', 'C')).toBe('unparsable answer');
  });

  it('are incorrect where none is named, unless the settings say otherwise', async () => {
    const verdict = await verifyHere({ verifier: { name: 'choice' }, gold, completion: 'not sure' });
    expect(verdict).toMatchObject({ outcome: 'incorrect', evidence: { goldForm: 'C' } });
  });

  it('are no answers by their text where the settings say so', async () => {
    const verifier = { name: 'choice', optionText: false };
    expect(await verifyHere({ verifier, gold, completion: '\\boxed{Paris}' })).toMatchObject({
      reason: 'unparsable answer',
    });
  });

  it.each([
    [{ options }],
    [{ letter: 'C', index: 2, options }],
    [{ letter: 'F', options }],
    [{ index: 0, options: ['alone'] }],
    [{ letter: 'C', options, order: [0, 1, 2, 3, 3] }],
    ['CD'],
  ])('are refused as a gold: %j', async (bad) => {
    expect(await read('C', bad)).toBe('unparsable gold');
  });
});

describe('laws of choice', () => {
  const settings = choiceVerifier.settings.parse({});
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 10 });

  it('every letter is its own answer in a box, whatever the words of the options are', () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,8}( [a-z]{2,8})?$/), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(words, fc.nat(), (list, seed) => {
        const place = seed % list.length;
        const asked = choiceVerifier.gold.parse({ index: place, options: list });
        const completion = choiceVerifier.goldCompletion(settings, asked) as string;
        expect(choiceVerifier.verify(settings, asked, completion)).toMatchObject({ outcome: 'correct' });
        const other = `\\boxed{${letterAt((place + 1) % list.length)}}`;
        expect(choiceVerifier.verify(settings, asked, other)).toMatchObject({ outcome: 'incorrect' });
      }),
    );
  });

  it('any text is decided without an exception', () => {
    fc.assert(
      fc.property(texts, fc.string({ unit: 'binary', maxLength: 200 }), (list, completion) => {
        const asked = choiceVerifier.gold.parse({ index: 0, options: list });
        expect(() => choiceVerifier.verify(settings, asked, completion)).not.toThrow();
      }),
    );
  });

  it.each([
    '\\boxed{',
    '{',
    '\\',
    'answer: ',
    'The answer is A ',
    '(A is correct ',
    'final answer',
    '*',
    ' ',
    '\n',
    '\0',
  ])('a megabyte of %j is read', async (piece) => {
    await read(piece.repeat(1_000_000 / piece.length));
  });
});

describe('shuffling options', () => {
  it('depends on seed and id, and on nothing else', () => {
    const shuffled = shuffleOptions({ options, seed: 1, id: 'gpqa/7' });
    expect(shuffled).toMatchObject({ order: shuffleOptions({ options, seed: 1, id: 'gpqa/7' }).order });
    const others = Array.from({ length: 20 }, (_, i) =>
      shuffleOptions({ options, seed: 1, id: `gpqa/${i}` }).order.join(),
    );
    expect(new Set(others).size).toBeGreaterThan(10);
    expect(shuffleOptions({ options, seed: 2, id: 'gpqa/7' }).order).not.toEqual(shuffled.order);
  });

  it('shows every option once, under the letter it names, and is replayed by its order', () => {
    const problems = fc.record({
      options: fc.array(fc.string(), { minLength: 1, maxLength: 26 }),
      seed: fc.nat(),
      id: fc.string(),
    });
    fc.assert(
      fc.property(problems, (problem) => {
        const shuffled = shuffleOptions(problem);
        expect(shuffled.order.toSorted((a, b) => a - b)).toEqual([...problem.options.keys()]);
        for (const [original, text] of problem.options.entries()) {
          expect(shuffled.options[placeOf(shuffled.letterOf(original))]).toBe(text);
        }
        expect(inOrder(problem.options, shuffled.order).options).toEqual(shuffled.options);
      }),
    );
  });

  it('puts the right answer under every letter about equally often', () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const place = shuffleOptions({ options: ['a', 'b', 'c', 'd'], seed: 0, id: `p/${i}` }).order.indexOf(0);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    // 1000 expected each, standard deviation 27
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140);
  });
});
