// What the steps of the job run that may write to the repository. No script has a value in it: all of them come by the environment.

/** Commits and pushes what the agent changed, and opens the pull request. A change of the workflows themselves is refused. */
export const publish = `folder="$RUNNER_TEMP/harnext"
case "$HEAD" in ''|*[!0-9a-f]*) echo "::error::It is not known what the agent began with."; exit 1 ;; esac
git checkout --quiet -B "$BRANCH" "$HEAD"
if [ -s "$folder/changes.patch" ]; then
  git apply --index --binary "$folder/changes.patch"
  if ! git diff --cached --quiet -- .github; then echo "::error::The agent changed files below .github, which a person has to do."; exit 1; fi
  { cat "$folder/title.txt"; echo; echo; echo "Closes #$ISSUE"; } > "$folder/message.txt"
  git -c user.name=harnext -c user.email=harnext@users.noreply.github.com commit --quiet --no-verify --file "$folder/message.txt"
  git -c credential.helper= -c 'credential.helper=!gh auth git-credential' push --quiet origin "HEAD:refs/heads/$BRANCH"
elif ! git rev-parse --verify --quiet "refs/remotes/origin/$BRANCH" > /dev/null; then
  echo "::error::The agent changed nothing."; exit 1
fi
echo "head=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"
if [ "$(gh pr list --head "$BRANCH" --state open --json number --jq length)" = 0 ]; then
  gh api --method POST "repos/$GH_REPO/pulls" --silent -F draft=true -f "head=$BRANCH" -f "base=$BASE" -F "title=@$folder/title.txt" -F "body=@$folder/body.txt"
fi
`

export const report = `if [ -f "$RUNNER_TEMP/harnext/report.md" ]; then
  gh issue comment "$ISSUE" --body-file "$RUNNER_TEMP/harnext/report.md" > /dev/null
fi
`

/** Moves the label on, and starts the next stage: a label that a workflow adds starts none. */
export const handOver = `judgement="\${PREFIX}needs-judgement"
approval="\${PREFIX}awaiting-approval"
relabel() {
  gh issue edit "$ISSUE" --remove-label "$LABEL" --remove-label "$approval" --remove-label "$judgement" > /dev/null
  if [ -n "$1" ]; then gh issue edit "$ISSUE" --add-label "$1" > /dev/null; fi
}
stop() {
  forget_round
  relabel "$judgement"
  echo "::warning::$1"
  exit 0
}
start() { gh workflow run "$1" --ref "$BASE" -f "issue=$ISSUE" > /dev/null; }
forget_round() { if [ "$round" -gt 0 ]; then gh issue edit "$ISSUE" --remove-label "$LABEL-iter-$round" > /dev/null; fi; }

labels="$(gh issue view "$ISSUE" --json labels --jq '.labels[].name')"
round=0
for ((number = 1; number <= MAX_ITERATIONS; number++)); do
  if grep -qxF "$LABEL-iter-$number" <<< "$labels"; then round=$number; fi
done
if [ "$PUBLISHED" != success ]; then stop "What the agent changed could not be published."; fi

case "$OUTCOME:$THEN" in
  revise:*)
    if [ -z "$FIX_LABEL" ]; then stop "This stage sends nothing back."; fi
    if [ "$round" -ge "$MAX_ITERATIONS" ]; then stop "The change was sent back $round times."; fi
    forget_round
    gh issue edit "$ISSUE" --add-label "$LABEL-iter-$((round + 1))" > /dev/null
    relabel "$FIX_LABEL"
    start "$FIX_WORKFLOW"
    ;;
  proceed:stage)
    forget_round
    relabel "$NEXT_LABEL"
    start "$NEXT_WORKFLOW"
    ;;
  proceed:approval)
    forget_round
    relabel "$approval"
    ;;
  proceed:ready)
    forget_round
    gh pr ready "$BRANCH" > /dev/null || stop "The pull request could not be marked as ready."
    relabel "$approval"
    ;;
  proceed:merge)
    forget_round
    gh pr ready "$BRANCH" > /dev/null || stop "The pull request could not be marked as ready."
    gh pr merge "$BRANCH" "--$METHOD" --match-head-commit "$HEAD" --delete-branch > /dev/null || stop "The pull request could not be merged."
    relabel ""
    ;;
  proceed:end)
    forget_round
    relabel ""
    ;;
  *) stop "The stage did not go on by itself; its report says why." ;;
esac
`
