/** Validation issues as sentences for people: where, what was given, what is allowed. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

export function describeIssues(issues: readonly Issue[], where: string): string {
  return issues.map((issue) => describeIssue(issue, where)).join('\n');
}

function describeIssue(issue: Issue, where: string): string {
  const place = issue.path.length === 0 ? where : `${where}, ${issue.path.map(String).join('.')}`;
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((branch) => branch.length > 0);
    // the branch that got furthest is the one the author meant
    const depth = (branch: readonly Issue[]) =>
      Math.max(...branch.map(({ path, code }) => path.length + (code === 'invalid_type' ? 0 : 1)));
    const meant = branches.toSorted((a, b) => depth(b) - depth(a))[0];
    if (meant !== undefined && issue.message === 'Invalid input') return describeIssues(meant, place);
  }
  const given = 'input' in issue && issue.code !== 'unrecognized_keys' ? `, got ${JSON.stringify(issue.input)}` : '';
  return `${place}: ${issue.message}${given}`;
}
