import type { Skill } from '../skill.ts'

export const review: Skill = {
  name: 'review',
  description:
    'Reviews a change for mistakes: the working tree, a commit, a branch or a pull request. Use when asked to review, check or look over code.',
  allowedTools: ['read', 'grep', 'glob', 'ls', 'bash', 'todo', 'ask_user', 'web_fetch', 'task'],
  userInvocable: true,
  modelInvocable: true,
  source: 'bundled',
  instructions: `Review a change. You read and run checks; you do not edit.

1. Find out what is to be reviewed. Without a word from the user: \`git status --short\` and \`git diff HEAD\`; when that is empty, the
   commits that the branch has and its base has not. For a pull request: \`gh pr view <number>\` and \`gh pr diff <number>\`.
2. Read the whole of each changed function, and who calls it. A diff alone hides what it breaks elsewhere.
3. Look, in this order, for:
   - wrong results: conditions, limits, empty and missing values, order, time zones, units, concurrency, errors that are swallowed;
   - security: input that reaches a shell, a query, a path or a page; secrets; missing checks of who may do it;
   - data: what happens to what is stored already, when it fails in the middle, when it runs twice;
   - contracts: callers, public types, documents and tests that say something else now;
   - tests: is the new behaviour held by one that would fail without it?
   - simplicity: what exists already, what nobody needs.
4. Prove what you suspect: run the test, the type checker, or a few lines of code. Drop what turns out to be right.
5. Report only what the author should act on, the worst first, each with \`file:line\`, what goes wrong, with which input, and what to do
   instead. Say what you checked and found in order in one line. If there is nothing to change, say so.

Style that a formatter or linter would find is no finding. Do not praise.`,
}
