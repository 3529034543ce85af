/**
 * The layouts that are known by name, the most particular first: the first that fits a file is taken. Columns as published on the
 * Hugging Face Hub; docs/DATA.md lists them with their traps.
 */

import type { VerifierSpec } from '../../verify/verifier.ts';
import type { DatasetFormat } from './format.ts';
import { countdownRow } from './format-countdown.ts';
import { gpqaRow } from './format-gpqa.ts';
import { liveCodeBenchRow, unpackTests } from './format-livecodebench.ts';
import { cellAt } from './gold.ts';
import type { Cells } from './row.ts';

export const BOXED_TEMPLATE = '{problem}\n\nPlease reason step by step, and put your final answer within \\boxed{{}}.';

const CODE_TEMPLATE = '{problem}\n\nWrite the whole program in one code block, opened by ```python and closed by ```.';

const CHOICE_TEMPLATE =
  '{problem}\n\nThink step by step, and end with a line of the form "Answer: X", where X is the letter of the right option.';

const isText = (cells: Cells, column: string, pattern: RegExp): boolean => {
  const cell = cellAt(cells, column);
  return typeof cell === 'string' && pattern.test(cell);
};

/** What verl's `data_source` says about the verifier: its mathematical ones. */
const MATHEMATICAL =
  /^(openai\/gsm8k|lighteval\/MATH|DigitalLearningGmbH\/MATH-lighteval|HuggingFaceH4\/(MATH-500|aime_2024)|math_dapo|math|aime.*)$/i;

/** OlympiadBench's `error` is how far from the answer a number may be: 4.2 with 1e-1 takes 4.1 to 4.3. */
function withinError(cells: Cells): VerifierSpec {
  const error = Number(cellAt(cells, 'error') ?? Number.NaN);
  return error > 0 ? { name: 'math', absoluteTolerance: error } : { name: 'math' };
}

export const FORMATS: readonly DatasetFormat[] = [
  {
    // BytedTsinghua-SIA/DAPO-Math-17k and its AIME-2024: conversations with their template inside, each repeated
    name: 'dapo-math',
    needs: ['data_source', 'prompt', 'reward_model'],
    isLike: (first) => isText(first, 'data_source', /^math_dapo|^aime/i),
    columns: { problem: ['prompt'], gold: 'reward_model.ground_truth', id: 'extra_info.index', source: 'data_source' },
  },
  {
    // verl’s preprocessed files: prompt (messages), reward_model.ground_truth, data_source
    name: 'verl',
    needs: ['data_source', 'prompt', 'reward_model'],
    columns: { problem: ['prompt'], gold: 'reward_model.ground_truth', id: 'extra_info.index', source: 'data_source' },
    verifier: (cells) => (isText(cells, 'data_source', MATHEMATICAL) ? { name: 'math' } : undefined),
  },
  {
    // livecodebench/code_generation_lite (test.jsonl ... test6.jsonl)
    name: 'livecodebench',
    needs: ['question_content', 'public_test_cases', 'private_test_cases'],
    verifier: { name: 'python' },
    template: CODE_TEMPLATE,
    assemble: liveCodeBenchRow,
    unpack: unpackTests,
  },
  {
    // Idavidrein/gpqa (gpqa_diamond.csv, gpqa_main.csv, gpqa_extended.csv)
    name: 'gpqa',
    needs: ['Question', 'Correct Answer', 'Incorrect Answer 1', 'Incorrect Answer 2', 'Incorrect Answer 3'],
    verifier: { name: 'choice' },
    template: CHOICE_TEMPLATE,
    assemble: gpqaRow,
  },
  {
    // Jiayi-Pan/Countdown-Tasks-3to4: a target and numbers, without a gold
    name: 'countdown',
    needs: ['target', 'nums'],
    verifier: { name: 'expression' },
    template: '{problem} Think step by step, and put the expression within \\boxed{{}}.',
    assemble: countdownRow,
  },
  {
    // OlympiadBench, open-ended English problems: final_answer, unit, error
    name: 'olympiadbench',
    needs: ['question', 'final_answer'],
    columns: { problem: ['question'], gold: 'final_answer', id: 'id' },
    remark: (cells) => {
      const unit = cellAt(cells, 'unit');
      return typeof unit === 'string' && unit.trim() !== '' ? `The unit of the answer is ${unit.trim()}.` : '';
    },
    verifier: withinError,
    template: BOXED_TEMPLATE,
  },
  {
    // SVAMP: Body and Question make the problem, answers are floats (145.0)
    name: 'svamp',
    needs: ['Body', 'Question', 'Answer'],
    columns: { problem: ['Body', 'Question'], gold: 'Answer', id: 'ID' },
    template: BOXED_TEMPLATE,
  },
  {
    // openai/gsm8k: the gold follows the last ####
    name: 'gsm8k',
    needs: ['question', 'answer'],
    isLike: (first) => isText(first, 'answer', /####/),
    columns: { problem: ['question'], gold: 'answer' },
    extract: 'after-####',
    template: BOXED_TEMPLATE,
  },
  {
    // HuggingFaceH4/MATH-500: problem, answer, unique_id
    name: 'math-500',
    needs: ['problem', 'answer', 'unique_id'],
    columns: { problem: ['problem'], gold: 'answer', id: 'unique_id' },
    template: BOXED_TEMPLATE,
  },
  {
    // Maxwell-Jia/AIME_2024: ID, Problem, Answer
    name: 'aime-2024-capitals',
    needs: ['Problem', 'Answer'],
    columns: { problem: ['Problem'], gold: 'Answer', id: 'ID' },
    template: BOXED_TEMPLATE,
  },
  {
    // HuggingFaceH4/aime_2024 and yentinglin/aime_2025: problem, solution, answer (zero-padded text)
    name: 'aime-2024',
    needs: ['id', 'problem', 'solution', 'answer'],
    columns: { problem: ['problem'], gold: 'answer', id: 'id' },
    template: BOXED_TEMPLATE,
  },
  {
    // MathArena/aime_2025: problem_idx, problem, answer
    name: 'matharena',
    needs: ['problem_idx', 'problem', 'answer'],
    columns: { problem: ['problem'], gold: 'answer', id: 'problem_idx' },
    template: BOXED_TEMPLATE,
  },
  {
    // MATH (Hendrycks): problem, level, type, solution; the gold is in the last \boxed{}
    name: 'math',
    needs: ['problem', 'level', 'solution'],
    lacks: ['answer'],
    columns: { problem: ['problem'], gold: 'solution' },
    extract: 'last-boxed',
    template: BOXED_TEMPLATE,
  },
  {
    // Minerva math: problem, solution, type; the gold is in the last \boxed{}
    name: 'minerva',
    needs: ['problem', 'solution', 'type'],
    lacks: ['answer'],
    columns: { problem: ['problem'], gold: 'solution', id: 'idx' },
    extract: 'last-boxed',
    template: BOXED_TEMPLATE,
  },
  {
    // AMC 2023 (answers are floats, 27.0), math-ai/aime25, DeepScaleR: problem, answer
    name: 'problem-answer',
    needs: ['problem', 'answer'],
    columns: { problem: ['problem'], gold: 'answer', id: 'id' },
    template: BOXED_TEMPLATE,
  },
  {
    // opencompass/AIME2025 and many others: question, answer
    name: 'question-answer',
    needs: ['question', 'answer'],
    columns: { problem: ['question'], gold: 'answer', id: 'id' },
    template: BOXED_TEMPLATE,
  },
  {
    // TRL’s: prompt (text or messages) and solution; the gold is the last \boxed{} where there is one
    name: 'trl',
    needs: ['prompt', 'solution'],
    columns: { problem: ['prompt'], gold: 'solution' },
    extract: 'boxed-or-whole',
  },
  {
    // prompt (text or messages) and answer
    name: 'prompt-answer',
    needs: ['prompt', 'answer'],
    columns: { problem: ['prompt'], gold: 'answer' },
    extract: 'boxed-or-whole',
  },
];
