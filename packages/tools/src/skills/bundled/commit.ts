import type { Skill } from '../skill.ts'

export const commit: Skill = {
  name: 'commit',
  description:
    'Makes git commits of the changes in the working tree, with good messages. Use when asked to commit.',
  allowedTools: ['bash', 'read', 'grep', 'glob', 'ls', 'ask_user', 'todo'],
  userInvocable: true,
  modelInvocable: true,
  source: 'bundled',
  instructions: `Commit what was changed.

1. Look: \`git status --short\`, \`git diff HEAD\`, \`git log --oneline -10\` for the manner of this repository's messages.
2. Stop and say so when: there is nothing to commit; a merge or rebase is under way; a file looks like a secret (keys, .env, tokens); a
   large or generated file is about to join by accident.
3. What belongs together is one commit. If the changes are several things, make several commits and add the files of each by name, never
   with \`git add -A\`.
4. The message: a first line of at most 72 characters in the imperative, or in the form that the log shows; then, where the reason is not
   plain from it, an empty line and why. Say what it does to whoever uses it, not which files it touches.
5. Commit with \`git commit -F -\` and the message by a here-document, so that quotes in it do no harm. Let hooks run. When one fails, read
   what it says and mend the cause; never pass it by with --no-verify.
6. Do not push, amend, rebase or change settings of git unless the user asked for that.
7. End with \`git log --oneline -n <number of commits>\` and \`git status --short\`, and say what you committed.

What the user said beside the command: $ARGUMENTS`,
}
