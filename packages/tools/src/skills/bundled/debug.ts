import type { Skill } from '../skill.ts'

export const debug: Skill = {
  name: 'debug',
  description:
    'Finds the cause of a failure and mends it: a failing test, an error message, a crash, wrong output. Use when something does not work and the reason is not plain.',
  userInvocable: true,
  modelInvocable: true,
  source: 'bundled',
  instructions: `Find the cause before you change anything.

1. See it fail. Make the smallest command that shows the failure, and run it. If you cannot make it fail, say what you tried and ask.
2. Read the whole message and the trace, from the first error on. Open the lines that it names.
3. Say in one sentence what you expected, what happened, and where the two part. Follow the value or the call from where it is right to
   where it is wrong; when it worked once, find the change with \`git log\` or \`git bisect\`.
4. Make one guess at a time, with what would show it to be wrong, and test it: a print, a smaller input, a breakpoint. Keep nothing that
   did not help.
5. The cause is found when you can say why it fails and why it failed only then. A change that makes the symptom go away is not yet one.
6. Mend the cause with the smallest change. Look for the same mistake elsewhere.
7. Write a test that fails without the change, if the project has tests. Run the first command again, then the tests around it.
8. Take your prints out. Report: the cause, the change, what you ran, and what you could not check.`,
}
